"""A transparent proxy between Codex and an endpoint that records requests and answers.

The trials judge by its record: the model's raw text and its timing, the tools in the request, and
the endpoint's errors.
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
    """A request to the model, with the answer. Times are monotonic seconds."""

    asked_at: float
    tools: list[str] = field(default_factory=list)
    """`type name` of each tool in the request."""
    pictures: int = 0
    status: int = 0
    text: str = ""
    """The model's raw text, all items of the answer joined."""
    calls: list[str] = field(default_factory=list)
    """Names of the tools that the model called."""
    failure: str = ""
    """The body of a refusal, or the error that ended the stream."""
    deltas: list[tuple[float, int]] = field(default_factory=list)
    """(time, total characters so far) for each delta of the answer."""
    ended_at: float | None = None

    def reached(self, length: int) -> float | None:
        """Return when the answer reached `length` characters, or None."""
        return next((at for at, so_far in self.deltas if so_far >= length), None)


class Recorder:
    """Use `async with Recorder(base_url) as recorder`, and give Codex `recorder.base_url`."""

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
        """The value for CODEX_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def busy(self) -> bool:
        """Whether a request to the model is running."""
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
            # Codex closes the connection when a turn is interrupted.
            return web.Response(status=499)
        finally:
            if exchange is not None:
                exchange.ended_at = time.monotonic()

    async def _answer(
        self, request: web.Request, body: bytes, exchange: Exchange | None
    ) -> web.StreamResponse:
        assert self._session is not None
        # `/v1/…` is the endpoint's API; other paths, such as `/props`, belong to its server.
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
    """Parses server-sent events, or the body of an error, as they pass through."""

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
    except ValueError:  # `[DONE]`, or not an event
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
        exchange.tools += [f"{tool.get('type')} {function.get('name')}" for function in inner]
    exchange.pictures = body.count(b'"input_image"')
    return exchange
