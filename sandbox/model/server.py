"""The model's HTTP server: takes requests, records them, plays what the rules choose."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.tasks import Tasks
from sandbox.model.answer import Answer
from sandbox.model.request import Request
from sandbox.model.steps import Rule, Step, Steps, anything, http

# Requests kept for inspection; a demo may run for days.
KEPT_REQUESTS = 2_000
# Seconds that open connections get when the server closes.
_GRACE = 2
_BACKLOG = 256


# What the bot is told of a scripted model: a name of Codex's own catalog, and how tools reach it.
# The model is not asked what it can take, for a script counts every question.
BOT_SETTINGS: Mapping[str, str] = {
    "CODEX_MODEL": "gpt-6.1-sol",
    "CODEX_TOOLS": "mcp",
    "CODEX_PROBE": "false",
}


class Requests:
    """The requests seen, oldest first, and waiting for more of them."""

    def __init__(self) -> None:
        self._seen: deque[Request] = deque(maxlen=KEPT_REQUESTS)
        self._arrived = asyncio.Condition()
        self.count = 0

    def __len__(self) -> int:
        return len(self._seen)

    def __iter__(self) -> Iterator[Request]:
        return iter(tuple(self._seen))

    def __getitem__(self, index: int) -> Request:
        return self._seen[index]

    async def add(self, request: Request) -> None:
        """Record it and wake who waits."""
        async with self._arrived:
            self._seen.append(request)
            self.count += 1
            self._arrived.notify_all()

    async def reach(self, count: int, timeout: float = 20.0) -> Request:
        """Wait until `count` requests came in all; the last one. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: self.count >= count)
            return self._seen[-1]

    async def first(self, when: Callable[[Request], bool], timeout: float = 20.0) -> Request:
        """Wait for a request like that, seen before or not. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout), self._arrived:
            while True:
                for request in self._seen:
                    if when(request):
                        return request
                await self._arrived.wait()


class Faults:
    """What goes wrong on request, before any rule of the script is asked."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(
        self, *steps: Step, times: int | None = 1, when: Callable[[Request], bool] = anything
    ) -> None:
        """The next `times` matching requests (None: all) get these steps instead."""
        self._rules.append(Rule(when, steps, times))

    def clear(self) -> None:
        """All is well again."""
        self._rules.clear()

    def take(self, request: Request) -> Steps | None:
        """The fault for this request, if any."""
        return _choose(self._rules, request)


class ModelServer:
    """A model on 127.0.0.1. `base_url` is for `model_providers.NAME.base_url`.

    A request that no rule matches is answered with 400, which ends the turn: a script with a
    hole must be seen.
    """

    def __init__(self, script: Sequence[Rule], port: int = 0) -> None:
        self.script = list(script)
        self.requests = Requests()
        self.faults = Faults()
        self._port = port
        self._tasks = Tasks("model")
        self._closing = asyncio.Event()

    @property
    def port(self) -> int:
        """Where it listens; known once the server is entered."""
        return self._port

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`; the port is known once the server is entered."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        self._socket = _listener(self._port)
        self._port = self._socket.getsockname()[1]
        routes = [
            Route("/v1/responses", _Asgi(self), methods=["POST"]),
            Route("/v1/models", _models, methods=["GET"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=_GRACE,
        )
        config.load()
        # startup and shutdown by hand: `serve` would take the process's signal handlers.
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._socket])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self._server.shutdown(sockets=[self._socket])
        await self._tasks.close()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request and play its answer."""
        try:
            request = Request.parse(await HttpRequest(scope, receive).body(), scope["headers"])
        except ValueError as error:
            await JSONResponse({"error": {"message": str(error)}}, 400)(scope, receive, send)
            return
        await self.requests.add(request)
        steps = self.faults.take(request)
        if steps is None:
            steps = _choose(self.script, request)
        if steps is None:
            steps = (http(400, body='{"error": {"message": "no rule of the script matches"}}'),)
        await Answer(request, steps, receive=receive, send=send, wait=self._wait).play()

    async def _wait(
        self, receive: Receive, event: asyncio.Event | None, seconds: float | None
    ) -> bool:
        """Until the event comes, or that many seconds passed: True. Until the client leaves or
        the server closes: False.
        """
        if event is not None and event.is_set():
            return True
        opened = self._tasks.start("gate", (event or asyncio.Event()).wait())
        gone = self._tasks.start("client", _gone(receive))
        closing = self._tasks.start("closing", self._closing.wait())
        await asyncio.wait(
            {opened, gone, closing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        came = not (gone.done() or closing.done())
        for task in (opened, gone, closing):
            task.cancel()
        return came


class _Asgi:
    """Starlette takes an object with `__call__` for an application, not for an endpoint."""

    def __init__(self, model: ModelServer) -> None:
        self._model = model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._model.answer(scope, receive, send)


async def _models(_: HttpRequest) -> JSONResponse:
    """No list of its own: Codex then keeps to the catalog it has."""
    return JSONResponse({"models": []})


def _listener(port: int) -> socket.socket:
    # The protocol must be named: asyncio turns Nagle's algorithm off only on sockets that say
    # IPPROTO_TCP (`base_events._set_nodelay`), which `socket.create_server` does not. With it on,
    # every answer took 44 ms instead of 1.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(_BACKLOG)
    return listener


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _choose(rules: Sequence[Rule], request: Request) -> Steps | None:
    for rule in rules:
        steps = rule.take(request)
        if steps is not None:
            return steps
    return None
