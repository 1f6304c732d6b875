"""The app-servers that run, written down under DATA_DIR/run, so that none is left behind.

An app-server ends by itself when its bot does, even by SIGKILL: its stdin closes. One that
hangs does not; the next start finds it here. A process is only ever killed when id, time of
creation and program all match: ids are used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bot.codex.process import Process

log = logging.getLogger(__name__)

_PREFIX = "app-server-"
# Two readings of one process's time of creation differ when the clock was set between them.
CLOCK_SLACK = 2.0
# How long a left one may take to end after SIGTERM, and after SIGKILL, in seconds.
TERM_SECONDS = 1.0
KILL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One app-server: who it is, and which bot it belongs to. Times as psutil gives them."""

    pid: int
    created: float
    pgid: int
    argv0: str
    bot_pid: int
    bot_created: float


class Registry:
    """Files in `folder`, one for each running app-server; each is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bot_pid = os.getpid()
        self._bot_created = psutil.Process().create_time()

    async def add(self, process: Process) -> None:
        """Write a new app-server down. It runs all the same where that cannot be done."""
        pid = process.pid
        entry = Entry(pid, process.created, pid, process.argv0, self._bot_pid, self._bot_created)
        try:
            await asyncio.to_thread(self._write, entry)
        except OSError as error:  # a full disk, most often
            log.warning("app-server %d cannot be written down: %s", pid, error)

    async def remove(self, process: Process) -> None:
        """It is gone."""
        await asyncio.to_thread(self._path(process.pid).unlink, missing_ok=True)

    async def reap(self) -> int:
        """End what a bot that is gone left behind; gives how many. Others' are left alone."""
        left = await asyncio.to_thread(lambda: list(self._left()))
        await asyncio.gather(*(self._end(entry) for entry in left))
        return len(left)

    def _write(self, entry: Entry) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(entry.pid)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(entry)), "utf-8")
        fresh.replace(path)

    def _left(self) -> Iterator[Entry]:
        """Entries of living app-servers without a bot. Files of dead ones are removed."""
        for path in self._folder.glob(f"{_PREFIX}*.json"):
            entry = _read(path)
            if entry is not None and _alive(entry.bot_pid, entry.bot_created) is not None:
                continue
            if entry is not None and _is_ours(entry):
                yield entry
            else:
                path.unlink(missing_ok=True)

    async def _end(self, entry: Entry) -> None:
        log.warning("app-server %d was left behind; ending it", entry.pid)
        for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
            # Asked again each time: between two signals the id may have passed to another.
            if _is_ours(entry):
                _signal_group(entry.pgid, number)
                await _gone_within(entry, seconds)
        if _is_ours(entry):
            log.error("app-server %d cannot be ended", entry.pid)
        else:
            await asyncio.to_thread(self._path(entry.pid).unlink, missing_ok=True)

    def _path(self, pid: int) -> Path:
        return self._folder / f"{_PREFIX}{pid}.json"


def _read(path: Path) -> Entry | None:
    try:
        entry = Entry(**json.loads(path.read_text("utf-8")))
        valid = min(entry.pid, entry.pgid) > 1 and isinstance(entry.argv0, str)
    except (OSError, ValueError, TypeError):
        valid = False
    if not valid:
        log.warning("%s is damaged; removing it", path.name)
        return None
    return entry


def _alive(pid: int, created: float) -> psutil.Process | None:
    """The process of that id and time of creation, if it runs; a zombie does not."""
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - created) > CLOCK_SLACK:
            return None
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except (psutil.Error, ValueError):
        return None


def _is_ours(entry: Entry) -> bool:
    process = _alive(entry.pid, entry.created)
    if process is None:
        return False
    try:
        argv = process.cmdline()
        return bool(argv) and argv[0] == entry.argv0 and os.getpgid(entry.pid) == entry.pgid
    except (psutil.Error, ProcessLookupError):
        return False


def _signal_group(pgid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pgid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        log.exception("process group %d belongs to somebody else", pgid)


async def _gone_within(entry: Entry, seconds: float) -> None:
    process = _alive(entry.pid, entry.created)
    if process is not None:
        with contextlib.suppress(psutil.TimeoutExpired):
            await asyncio.to_thread(process.wait, seconds)
