"""`DiscordServer`: the whole stand-in on one loopback port, in the loop that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from bot.tasks import Tasks
from sandbox.discord.control import control_routes
from sandbox.discord.faults import Faults
from sandbox.discord.files import file_routes
from sandbox.discord.gateway import Gateway
from sandbox.discord.gateway.gateway import HEARTBEAT_MS
from sandbox.discord.lines import Lines
from sandbox.discord.openapi_check import OpenApiCheck
from sandbox.discord.record import Record
from sandbox.discord.rest.app import RestApp
from sandbox.discord.rest.limits import Limiter, Limits
from sandbox.discord.world import World

T = TypeVar("T")

_STOP_WITHIN = 3
"""Seconds for connections to end when the server stops."""


class _Uvicorn(uvicorn.Server):
    """uvicorn without its hold on signals: SIGINT belongs to the program that runs this."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield

    async def main_loop(self) -> None:
        """Wait to be stopped, instead of looking ten times a second."""
        await self.on_tick(0)
        await self.stop.wait()


class DiscordServer:
    """A Discord to talk to: `async with DiscordServer() as discord: …`.

    `openapi`: Discord's description to check bot requests against (None: unchecked). `limits`:
    `Limits.real()` or `Limits.off()`. `port` 0 takes any free one. `extra_routes` are served from
    the same origin.
    """

    def __init__(
        self,
        *,
        openapi: Path | None = None,
        limits: Limits | None = None,
        port: int = 0,
        world: World | None = None,
        extra_routes: Sequence[BaseRoute] = (),
        heartbeat_ms: int = HEARTBEAT_MS,
    ) -> None:
        self.world = world or World()
        self.record = Record(self.world)
        self._tasks = Tasks("discord-sandbox")
        self._lines = Lines()
        self.gateway = Gateway(
            self.world, self.record, self._tasks, cut=self._lines.cut, heartbeat_ms=heartbeat_ms
        )
        self.faults = Faults(self.gateway)
        self._check = None if openapi is None else OpenApiCheck(openapi)
        self._rest = RestApp(
            self.world,
            self.record,
            limiter=Limiter(limits or Limits.real(), time.monotonic, self.world.clock),
            faults=self.faults,
            checker=self._check,
            reset=self._lines.cut,
        )
        self._extra = tuple(extra_routes)
        self._port = port
        self._uvicorn: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:port`, also where files are served."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def cdn(self) -> str:
        """Where attachments and avatars are served."""
        return self.origin

    @property
    def api_base(self) -> str:
        """The REST root, for `DISCORD_API_BASE`."""
        return f"{self.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The gateway, for `DISCORD_GATEWAY_URL`."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    async def wait_for(self, found: Callable[[World], T | None], timeout: float = 20.0) -> T:
        """See `Record.wait_for`."""
        return await self.record.wait_for(found, timeout)

    def app(self) -> Starlette:
        """The whole application."""
        return Starlette(
            routes=[
                Mount("/api/v10", app=self._rest),
                WebSocketRoute("/gateway", self.gateway.serve),
                *file_routes(self.world),
                *control_routes(self.faults, self.record),
                *self._extra,
            ]
        )

    async def __aenter__(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        listener = _listen(self._port)
        self._port = listener.getsockname()[1]
        self.world.cdn = self.cdn
        self.gateway.url = self._rest.gateway_url = self.gateway_url
        self.world.later = asyncio.get_running_loop().call_later
        if self._check is not None:
            await asyncio.to_thread(self._check.load)
        self._uvicorn = _Uvicorn(self._config())
        self._serving = self._tasks.start("http", self._uvicorn.serve(sockets=[listener]))
        return self

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.app(),
            http=self._lines.protocol(),
            ws="websockets-sansio",
            loop="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_STOP_WITHIN,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every socket and stop."""
        assert self._uvicorn is not None
        assert self._serving is not None
        self.world.later = _never
        self.faults.clear()
        self._rest.stop()
        self._uvicorn.stop.set()
        await asyncio.wait([self._serving], timeout=_STOP_WITHIN + 2)
        await self._tasks.close()


def _never(_seconds: float, _what: Callable[[], Any]) -> object:
    return None


def _listen(port: int) -> socket.socket:
    # Said to be TCP by name: asyncio sets TCP_NODELAY on accepted sockets only then, and without
    # it each answer waits 40 ms for the far end's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener
