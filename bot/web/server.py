"""The HTTP server: runs a Starlette app with uvicorn inside the bot's event loop.

Owns the socket, its address and the shutdown. The bot handles signals; there is no access log.
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

# Seconds. Codex's HTTP client closes idle connections after 90 s (reqwest's default). Ours must
# stay open longer: a POST on a connection that we are just closing would fail.
KEEP_ALIVE = 120
# Whole seconds for answers in progress at shutdown; then they are cut off.
GRACE = 1
# Further seconds for uvicorn to stop; it checks its flags every tenth of a second.
LAST_CALL = 5.0
BACKLOG = 128

_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 compared with
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class WebServer:
    """Serves the app inside `async with WebServer(host, port, app) as server`, at `server.url`.

    Port 0 means any free port. Raises `SettingsError` when the address cannot be bound.
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
        """URL for processes on this machine, such as `http://127.0.0.1:8642`."""
        host = _ANY.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def connected(self) -> int:
        """Number of open connections."""
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
        self._log_address()
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
        # The lifespan runs here, in a single task: the MCP servers' cancel scopes must be exited by
        # the task that entered them.
        with contextlib.closing(listener):
            async with self._app.router.lifespan_context(self._app):
                await self._uvicorn.serve(sockets=[listener])

    def _log_address(self) -> None:
        log.info("listening on %s", self.url)
        if self._host not in _LOOPBACK:
            log.warning(
                "HTTP_HOST is %s: whoever reaches port %s can read the status page, health and "
                "metrics (no secrets, no messages); MCP asks for a bearer",
                self._host,
                self.port,
            )


class _Uvicorn(uvicorn.Server):
    """uvicorn without signal handlers, with an event for when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then set `ready`."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers: the bot handles signals."""
        yield


def _config(app: Starlette, bounds: Bounds) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bounded(bounds),
        ws="none",
        lifespan="off",  # WebServer runs it: uvicorn would exit the process when it fails
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )


async def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, bound here for a clear error and to know the port."""
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
