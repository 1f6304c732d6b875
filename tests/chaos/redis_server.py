"""A Redis of the run's own, on loopback, with an append-only file: it may die and come back."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.store import keys
from bot.store.embedded import find_server

START_WITHIN = 20.0
# Bytes: less than any server uses, so that each write is refused.
_FULL = 1


def program() -> str:
    """Redis or Valkey on PATH, else the one that the bot embeds."""
    found = shutil.which("redis-server") or shutil.which("valkey-server") or find_server()
    if found is None:
        raise FileNotFoundError("neither redis-server nor valkey-server is on this machine")
    return str(found)


class RedisServer:
    """Runs from `async with` to its end; `kill`, `pause` and `fill` it in between."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """The address."""
        return f"redis://127.0.0.1:{self._port}/0"

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start, on the data that is there; returns when it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *(program(), "--port", str(self._port), "--bind", "127.0.0.1"),
            *("--dir", str(self._folder), "--save", "", "--appendonly", "yes"),
            *("--appendfsync", "everysec", "--logfile", str(self._folder / "server.log")),
            stdin=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_WITHIN):
            while not await self._answers():  # noqa: ASYNC110 it tells nobody that it is ready
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
        if process is not None:
            await process.wait()

    def pause(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def fill(self, *, full: bool) -> None:
        """Refuse every write for want of memory, or take them again."""
        async with Redis.from_url(self.url) as redis:
            await redis.config_set("maxmemory", _FULL if full else 0)

    async def unfinished(self) -> list[str]:
        """The ids of the turns that the bot has not ended."""
        async with Redis.from_url(self.url, decode_responses=True) as redis:
            return [str(one) for one in await redis.zrange(keys.UNFINISHED, 0, -1)]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _answers(self) -> bool:
        async with Redis.from_url(self.url) as redis:
            try:
                return bool(await redis.ping())
            except (RedisError, OSError):  # not there yet, or still reading its file
                return False


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
