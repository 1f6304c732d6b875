"""A pass-through between Codex and an endpoint that writes down what was asked and answered.

It changes nothing. What the trials judge comes from here: the model's raw words, when its first
word came, which tools stood in the request, and what the endpoint refused.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from sandbox.llama import free_port

_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "keep-alive"})
_LARGEST = 64 * 1024 * 1024
_ERROR_KEPT = 400


@dataclass(slots=True)
class Exchange:
    """One question to the model and its answer; times are monotonic seconds."""

    asked_at: float
    tools: list[str] = field(default_factory=list)
    """`type name` of each tool in the request."""
    pictures: int = 0
    status: int = 0
    text: str = ""
    """What the model said, raw, all items of the answer together."""
    calls: list[str] = field(default_factory=list)
    """Names of the tools that the model called."""
    failure: str = ""
    """The body of a refusal, or the error that ended the stream."""
    deltas: list[tuple[float, int]] = field(default_factory=list)
    """When each piece of the answer passed by, and how many characters had come with it."""
    ended_at: float | None = None

    def reached(self, length: int) -> float | None:
        """When the answer was at least `length` characters long; None if it never was."""
        return next((at for at, so_far in self.deltas if so_far >= length), None)


class Recorder:
    """`async with Recorder(base_url) as recorder`: Codex is given `recorder.base_url`."""

    def __init__(self, base_url: str) -> None:
        self._target = base_url.rstrip("/")
        self._port = free_port()
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None)
        self.exchanges: list[Exchange] = []

    @property
    def base_url(self) -> str:
        """What CODEX_BASE_URL takes."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def busy(self) -> bool:
        """Whether the model is being asked right now."""
        return any(exchange.ended_at is None for exchange in self.exchanges)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None), auto_decompress=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        exchange = None
        if request.method == "POST" and request.path.endswith("/responses"):
            exchange = _asked(body)
            self.exchanges.append(exchange)
        try:
            return await self._answer(request, body, exchange)
        except ConnectionResetError:
            # Codex hangs up when the turn is interrupted: nobody is left to be answered.
            return web.Response(status=499)
        finally:
            if exchange is not None:
                exchange.ended_at = time.monotonic()

    async def _answer(
        self, request: web.Request, body: bytes, exchange: Exchange | None
    ) -> web.StreamResponse:
        assert self._session is not None
        # `/v1/…` is the endpoint's API; what stands beside it, as `/props`, is its server's own.
        inside = request.path_qs.startswith("/v1/")
        root = self._target if inside else self._target.removesuffix("/v1")
        url = root + (request.path_qs.removeprefix("/v1") if inside else request.path_qs)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        async with self._session.request(
            request.method, url, headers=headers, data=body or None
        ) as reply:
            kept = {k: v for k, v in reply.headers.items() if k.lower() not in _HOP}
            response = web.StreamResponse(status=reply.status, headers=kept)
            if exchange is not None:
                exchange.status = reply.status
            await response.prepare(request)
            reader = _Reader(exchange)
            async for block in reply.content.iter_any():
                reader.feed(block)
                await response.write(block)
            await response.write_eof()
            return response


class _Reader:
    """Reads server-sent events, or the body of a refusal, as they pass by."""

    def __init__(self, exchange: Exchange | None) -> None:
        self._exchange = exchange
        self._rest = b""

    def feed(self, block: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        if exchange.status != 200:
            exchange.failure = (exchange.failure + block.decode("utf-8", "replace"))[:_ERROR_KEPT]
            return
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                _note(exchange, line[5:].strip())


def _note(exchange: Exchange, data: bytes) -> None:
    try:
        event: dict[str, Any] = json.loads(data)
    except ValueError:  # `[DONE]`, or what is no event at all
        return
    match event.get("type"):
        case "response.output_text.delta":
            exchange.text += str(event.get("delta", ""))
            exchange.deltas.append((time.monotonic(), len(exchange.text)))
        case "response.output_item.done":
            item = event.get("item") or {}
            if item.get("type") == "function_call":
                exchange.calls.append(str(item.get("name")))
        case "response.failed" | "response.incomplete" | "error":
            exchange.failure = json.dumps(event)[:_ERROR_KEPT]
        case _:
            pass


def _asked(body: bytes) -> Exchange:
    exchange = Exchange(time.monotonic())
    try:
        asked: dict[str, Any] = json.loads(body)
    except ValueError:
        return exchange
    for tool in asked.get("tools") or []:
        inner = tool.get("tools") or [tool]
        exchange.tools += [f"{tool.get('type')} {each.get('name')}" for each in inner]
    exchange.pictures = body.count(b'"input_image"')
    return exchange
