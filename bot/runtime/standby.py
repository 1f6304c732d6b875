"""`run --wait`: when the bot cannot start, wait for the host to fix the fault.

A container engine restarts an exited process forever, whatever its exit status. So the bot stays
up: it logs the fault once, answers `/healthz` with 503, shows the fault on the status page, and
starts when the login, the settings or a file named in them has changed.

Owns the wait. `bot.runtime.app.serve` raises the fault.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from bot.codex.home import user_codex_home
from bot.command_line import Origin, command, origin
from bot.endpoint import profiles_file
from bot.errors import CodexLoginError, SettingsError, TroupeError
from bot.settings import Settings
from bot.version import version
from bot.web.app import create_app
from bot.web.metrics import Metrics
from bot.web.server import WebServer
from bot.web.status import SETUP
from bot.web.views import BotView, PoolView
from mcp_servers.bearers import Bearers
from mcp_servers.http import McpDoor

log = logging.getLogger(__name__)

# Seconds between two checks of the login, the settings and the files.
LOOK_SECONDS = 1.0
# Seconds until a retry without any change: for transient faults (a taken port, another host's
# lease, the store), and for faults that somebody has to fix.
PASSES_SECONDS = 30.0
STAYS_SECONDS = 600.0
# Settings whose validity depends on the machine, so an error in them may be transient.
_OF_THE_MACHINE = frozenset({"DATA_DIR", "HTTP_HOST", "HTTP_PORT"})


class Standby:
    """Starts the bot, and waits and retries when that fails.

    `read` reads the settings anew; `start` runs the bot until it is asked to stop. Both raise
    `TroupeError` when the bot cannot start.
    """

    def __init__(
        self,
        read: Callable[[], Settings],
        start: Callable[[Settings], Awaitable[None]],
        environment: Mapping[str, str],
        redact: Callable[[str], str],
    ) -> None:
        self._read = read
        self._start = start
        self._environment = environment
        self._redact = redact
        self._logged = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Start the bot, waiting and retrying after each failure, until `stop` is set."""
        while not stop.is_set():
            settings: Settings | None = None
            before = await asyncio.to_thread(self._snapshot)
            try:
                settings = self._read()
                settings.token()  # before anything is opened, as without standby
                await self._start(settings)
            except TroupeError as error:
                await self._wait(error, settings, before, stop)
            else:
                return

    async def _wait(
        self, error: TroupeError, settings: Settings | None, before: object, stop: asyncio.Event
    ) -> None:
        """Wait until the state differs from `before`, or it is time for a retry."""
        self._log_once(error)
        patience = PASSES_SECONDS if _is_transient(error) else STAYS_SECONDS
        async with AsyncExitStack() as stack:
            if settings is not None:
                with suppress(SettingsError):  # the port is taken, which is then the logged fault
                    await stack.enter_async_context(self._status_server(settings, str(error)))
            until = time.monotonic() + patience
            while time.monotonic() < until:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await stop.wait()
                        return
                if await asyncio.to_thread(self._snapshot) != before:
                    log.info("the login, the settings or a file has changed: starting again")
                    return

    def _log_once(self, error: TroupeError) -> None:
        if str(error) == self._logged:
            return
        self._logged = str(error)
        log.error(
            "the bot cannot start, and waits until this is fixed: %s%s", error, _how_to_apply()
        )

    def _status_server(self, settings: Settings, problem: str) -> WebServer:
        """Return the server of the health endpoint and status page, at the bot's own address."""
        began = time.monotonic()
        host = settings.http_host
        app = create_app(
            view=lambda: BotView(
                version=version(),
                codex_version="–",
                uptime=time.monotonic() - began,
                rooms=0,
                pool=PoolView(max_instances=settings.codex_max_instances),
            ),
            probes={SETUP: lambda: problem},
            metrics=Metrics(),
            mcp=McpDoor({}, Bearers(), host=host),
            redact=self._redact,
            names=settings.known_names(),
        )
        return WebServer(host, settings.http_port, app)

    def _snapshot(self) -> object:
        """Return everything that a start depends on, for comparison with a later state."""
        try:
            settings = self._read()
        except TroupeError as error:
            return str(error)
        profiles = settings.model_profiles or Path(profiles_file.FILE)
        login = user_codex_home(self._environment) / "auth.json"
        files = (login, profiles, settings.codex_ca_file)
        return settings, [_state(file) for file in files if file is not None]


def _how_to_apply() -> str:
    """Return how to apply a change of .env: a container keeps the environment it was made with."""
    if origin() is not Origin.IMAGE:
        return ""
    return f" After a change of .env: `{command('run')}`."


def _is_transient(error: TroupeError) -> bool:
    if isinstance(error, SettingsError):
        return error.setting in _OF_THE_MACHINE
    return not isinstance(error, CodexLoginError)


def _state(file: Path) -> tuple[int, ...] | None:
    """Return the file's mode, owner, modification time and size; None if it does not exist."""
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_mode, seen.st_uid, seen.st_mtime_ns, seen.st_size
