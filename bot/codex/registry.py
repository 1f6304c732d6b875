"""The registry of running app-servers, files under DATA_DIR/run, for reaping orphans.

When the bot ends, even by SIGKILL, the stdin of each app-server closes, and the app-server ends. A
hung app-server does not; the next start finds it in the registry. A process is killed only when its
id, time of creation and program all match, because process ids are reused.
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
# Seconds by which two readings of a process's creation time may differ: the clock may be set in
# between.
CLOCK_SLACK = 2.0
# How long an orphan may take to end after SIGTERM, and after SIGKILL, in seconds.
TERM_SECONDS = 1.0
KILL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Entry:
    """Identifies an app-server and its bot. Creation times are psutil's."""

    pid: int
    created: float
    pgid: int
    argv0: str
    bot_pid: int
    bot_created: float


class Registry:
    """A file in `folder` for each running app-server, written atomically."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bot_pid = os.getpid()
        self._bot_created = psutil.Process().create_time()

    async def add(self, process: Process) -> None:
        """Register a new app-server. A failed write is logged, and the process goes on."""
        pid = process.pid
        entry = Entry(pid, process.created, pid, process.argv0, self._bot_pid, self._bot_created)
        try:
            await asyncio.to_thread(self._write, entry)
        except OSError as error:  # a full disk, most often
            log.warning("app-server %d cannot be registered: %s", pid, error)

    async def remove(self, process: Process) -> None:
        """Remove an app-server that has ended."""
        await asyncio.to_thread(self._path(process.pid).unlink, missing_ok=True)

    async def reap(self) -> int:
        """End the app-servers whose bot is gone, and return their number."""
        orphans = await asyncio.to_thread(lambda: list(self._orphans()))
        await asyncio.gather(*(self._end(entry) for entry in orphans))
        return len(orphans)

    def _write(self, entry: Entry) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(entry.pid)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(entry)), "utf-8")
        temporary.replace(path)

    def _orphans(self) -> Iterator[Entry]:
        """Yield living app-servers without a bot; remove the files of dead ones."""
        for path in self._folder.glob(f"{_PREFIX}*.json"):
            entry = _read(path)
            if entry is not None and _alive(entry.bot_pid, entry.bot_created) is not None:
                continue
            if entry is not None and _is_ours(entry):
                yield entry
            else:
                path.unlink(missing_ok=True)

    async def _end(self, entry: Entry) -> None:
        log.warning("ending app-server %d, which an earlier bot left behind", entry.pid)
        for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
            # Checked each time: between two signals the id may have been reused.
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
    """Return the running process of that id and creation time; None if it ended or is a zombie."""
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
        log.exception("process group %d belongs to another user", pgid)


async def _gone_within(entry: Entry, seconds: float) -> None:
    process = _alive(entry.pid, entry.created)
    if process is not None:
        with contextlib.suppress(psutil.TimeoutExpired):
            await asyncio.to_thread(process.wait, seconds)
