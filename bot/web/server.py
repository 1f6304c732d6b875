"""The listener: runs one Starlette app inside the bot's own event loop, by uvicorn.

Owns the socket, its address and an orderly end. Signals stay the bot's; there is no access log.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from bot.errors import SettingsError
from bot.tasks import Tasks
from bot.web.connections import Bounds, bounded

log = logging.getLogger(__name__)

# Codex's HTTP client drops its idle connections after 90 s (reqwest's default). We must be the
# more patient side: a POST sent on a connection that we are just closing would fail.
KEEP_ALIVE = 120
# Answers in the making get this long (whole seconds) when the bot ends; then they are cut.
GRACE = 1
# And then the listener itself: uvicorn looks at its flags every tenth of a second.
LAST_CALL = 5.0
BACKLOG = 128

_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 compared with
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class WebServer:
    """`async with WebServer(host, port, app) as server`: it answers inside, at `server.url`.

    Port 0 takes any free one. Raises `SettingsError` when the address cannot be had.
    """

    def __init__(self, host: str, port: int, app: Starlette, bounds: Bounds | None = None) -> None:
        self._host = host
        self._app = app
        self._wanted = port
        self._bounds = bounds or Bounds()
        self._tasks = Tasks("web")
        self.port = port

    @property
    def url(self) -> str:
        """Where a process on this machine reaches it: `http://127.0.0.1:8642`."""
        host = _ANY.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def connected(self) -> int:
        """How many connections there are."""
        return len(self._uvicorn.server_state.connections)

    async def __aenter__(self) -> Self:
        listener = await _listen(self._host, self._wanted)
        self.port = listener.getsockname()[1]
        self._uvicorn = _Uvicorn(_config(self._app, self._bounds))
        serving = self._tasks.start("serve", self._serve(listener))
        ready = self._tasks.start("ready", self._uvicorn.ready.wait())
        try:
            await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        except BaseException:
            await self._tasks.close()
            raise
        self._say_where()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._uvicorn.should_exit = True
        await self._tasks.join(GRACE + LAST_CALL)
        await self._tasks.close()

    async def _serve(self, listener: socket.socket) -> None:
        # The app's own resources are opened and closed here, in one task: cancel scopes of the
        # MCP servers must be left by the task that entered them.
        with contextlib.closing(listener):
            async with self._app.router.lifespan_context(self._app):
                await self._uvicorn.serve(sockets=[listener])

    def _say_where(self) -> None:
        log.info("listening on %s", self.url)
        if self._host not in _LOOPBACK:
            log.warning(
                "HTTP_HOST is %s: whoever reaches port %s can read the status page, health and "
                "metrics (no secrets, no messages); MCP asks for a bearer",
                self._host,
                self.port,
            )


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers, and with a word when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the bot's."""
        yield


def _config(app: Starlette, bounds: Bounds) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bounded(bounds),
        ws="none",
        lifespan="off",  # run by WebServer: uvicorn would end the process when it fails
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )


async def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Bound here, for a clear error and to know the port."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise SettingsError(
            "HTTP_HOST", f"HTTP_HOST is {host!r}, which is no address of this machine: {error}."
        ) from error
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    listener.setblocking(False)
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            "HTTP_PORT",
            f"Port {port} on {host} is taken, perhaps by another bot that still runs. "
            "End it, or set HTTP_PORT to another port (0: any free one).",
        )
    if error.errno == errno.EACCES:
        return SettingsError(
            "HTTP_PORT",
            f"This user may not listen on port {port}. Set HTTP_PORT to one above 1023.",
        )
    return SettingsError(
        "HTTP_HOST",
        f"Cannot listen on {host}, port {port}: {error.strerror}. "
        "Set HTTP_HOST to an address of this machine, such as 127.0.0.1.",
    )
