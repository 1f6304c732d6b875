"""A host of files on loopback, as a CDN is one, with the faults of one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class FileHost:
    """Serves `held` by path; `asked` counts. An answer may be given as a status, or never.

    An address without a signature, or with one that has expired, is not served.
    """

    def __init__(self) -> None:
        self.held: dict[str, bytes | int | None] = {}
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []
        self.origin = ""
        self._closing = asyncio.Event()

    @property
    def api_base(self) -> str:
        """As `DISCORD_API_BASE` of the API that this host belongs to."""
        return f"{self.origin}/api/v10"

    def put(self, name: str, content: bytes | int | None) -> str:
        """Hold `content` there (a status; None: no answer ever comes); its address, signed."""
        self.held[f"/{name}"] = content
        return f"{self.origin}/{name}?ex=7fffffff&hm=secret"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[request.path]})
        signed = int(request.query.get("ex", "0"), 16) > time.time()
        content = self.held.get(request.path, 404) if signed else 404
        if content is None:
            await self._closing.wait()
            return web.Response(status=503)
        return (
            web.Response(body=content)
            if isinstance(content, bytes)
            else web.Response(status=content)
        )

    def close(self) -> None:
        self._closing.set()


@asynccontextmanager
async def file_host() -> AsyncIterator[FileHost]:
    host = FileHost()
    app = web.Application()
    app.router.add_get("/{path:.*}", host.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        host.origin = f"http://127.0.0.1:{port}"
        yield host
    finally:
        host.close()
        await runner.cleanup()
