"""A Redis of the run's own, on loopback, with an append-only file: it may die and come back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import time
from collections import deque
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.store import keys
from bot.store.embedded import find_server
from bot.tasks import Tasks

START_WITHIN = 20.0
# Bytes: less than any server uses, so that each write is refused.
_FULL = 1
# What `appendfsync everysec` may lose, and how often the file is looked at for that; in seconds.
LAPSE = 1.0
_LOOK = 0.05
# Looks that are remembered: some more than `LAPSE` needs.
_LOOKS = 100


def program() -> str:
    """Redis or Valkey on PATH, else the one that the bot embeds."""
    found = shutil.which("redis-server") or shutil.which("valkey-server") or find_server()
    if found is None:
        raise FileNotFoundError("neither redis-server nor valkey-server is on this machine")
    return str(found)


class RedisServer:
    """Runs from `async with` to its end; `kill`, `pause` and `fill` it in between.

    SIGKILL alone loses nothing: what Redis has acknowledged is the kernel's to write. `lose` cuts
    off what a power cut would have found unwritten.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = Tasks("redis")
        # Since when it stands still (monotonic).
        self._stopped: float | None = None
        # When the append-only file was how long.
        self._lengths: deque[tuple[float, int]] = deque(maxlen=_LOOKS)

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
        self._tasks.start("lengths", self._watch_length())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._tasks.close()
        await self.kill()

    async def start(self) -> None:
        """Start, on the data that is there; returns when it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *(program(), "--port", str(self._port), "--bind", "127.0.0.1"),
            *("--dir", str(self._folder), "--save", "", "--appendonly", "yes"),
            *("--appendfsync", "everysec", "--logfile", str(self._folder / "server.log")),
            # Rewritten, it would be another file, and its length would tell nothing.
            *("--auto-aof-rewrite-percentage", "0"),
            stdin=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_WITHIN):
            while not await self._answers():  # noqa: ASYNC110 it tells nobody that it is ready
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL."""
        process, self._process, self._stopped = self._process, None, None
        if process is not None and process.returncode is None:
            process.kill()
        if process is not None:
            await process.wait()

    async def lose(self) -> int:
        """SIGKILL, and cut what was written in the last second; gives how many bytes that was.

        A server that stands still since a while lost the second before that.
        """
        died = self._stopped or time.monotonic()
        await self.kill()
        return await asyncio.to_thread(self._cut, died - LAPSE)

    async def outlive(self) -> None:
        """Wait until nothing that is written by now can be lost by `lose`."""
        await asyncio.sleep(LAPSE + 2 * _LOOK)

    def pause(self) -> None:
        """SIGSTOP."""
        self._stopped = time.monotonic()
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._stopped = None
        self._signal(signal.SIGCONT)

    async def fill(self, *, full: bool) -> None:
        """Refuse every write for want of memory, or take them again."""
        async with Redis.from_url(self.url) as redis:
            await redis.config_set("maxmemory", _FULL if full else 0)

    async def unfinished(self) -> list[str]:
        """The ids of the turns that the bot has not ended."""
        async with Redis.from_url(self.url, decode_responses=True) as redis:
            return [str(one) for one in await redis.zrange(keys.UNFINISHED, 0, -1)]

    async def _watch_length(self) -> None:
        while True:
            if (file := self._file()) is not None:
                self._lengths.append((time.monotonic(), file.stat().st_size))
            await asyncio.sleep(_LOOK)

    def _cut(self, moment: float) -> int:
        """Cut the file to what it was at that moment (monotonic)."""
        file = self._file()
        known = [length for at, length in self._lengths if at <= moment]
        if file is None or not known:
            return 0
        length = file.stat().st_size
        # What was cut off lately was longer.
        left = min(known[-1], length)
        os.truncate(file, left)
        return length - left

    def _file(self) -> Path | None:
        """What Redis and Valkey append to; None before there is one."""
        return next(iter(sorted(self._folder.glob("appendonlydir/*.incr.aof"))), None)

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
