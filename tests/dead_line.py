"""A line between two programs that can go dead: open, but nothing passes any more.

As when a cable is pulled or a firewall forgets the connection: neither end is told.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class DeadLine:
    """Passes TCP on to the server of `url` while it lives; `url` is then the way through it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._parts = parts
        self._alive = True
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        """The address of this end."""
        host, port = self._server.sockets[0].getsockname()[:2]
        return self._parts._replace(netloc=f"{host}:{port}").geturl()

    def die(self) -> None:
        """Let nothing pass any more, in neither direction."""
        self._alive = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if self._alive:
                sink.write(data)
