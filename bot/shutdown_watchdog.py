"""The shutdown watchdog: ends the process if an orderly shutdown hangs.

Owns the deadline and its log lines. `bot.runtime.app` owns the orderly shutdown; the next start
recovers unfinished work, as after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType, FrameType

log = logging.getLogger(__name__)

# Seconds. Docker sends SIGKILL ten seconds after SIGTERM, too late to log what hangs.
END_WITHIN = 9.5
# Seconds for logging, which may hang as well: on a pipe that nobody reads.
TELL_WITHIN = 0.3
# sysexits.h: EX_SOFTWARE, an internal error.
HUNG = 70


class Deadline:
    """Exits the process `seconds` after `start`, from an OS thread: the loop may be blocked."""

    def __init__(self, seconds: float = END_WITHIN) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the countdown. Further calls have no effect."""
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self._end, (loop,))
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Stop the countdown: the shutdown has finished."""
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        telling = threading.Thread(target=self._tell, args=(loop,), daemon=True)
        telling.start()
        telling.join(TELL_WITHIN)
        os._exit(HUNG)

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in _what_hangs(loop):
            log.error("the end hangs: %s", line)
        log.error("no end after %.1f s: exiting; the next start resumes the rest", self._seconds)
        logging.shutdown()


def _what_hangs(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Yield each remaining task with its chain of awaiting calls, innermost last.

    Then yields each OS thread that the process would wait for.
    """
    for task in asyncio.all_tasks(loop):
        yield f"{task.get_name()} at {' → '.join(_waits_at(task.get_coro()))}"
    frames = sys._current_frames()  # noqa: SLF001 no public API returns a thread's frame
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None and not thread.daemon and thread is not threading.main_thread():
            yield f"thread {thread.name} at {' → '.join(_runs_at(frame))}"


def _waits_at(work: object) -> Iterator[str]:
    """Yield the calls from a task's coroutine to its innermost await.

    `Task.get_stack` returns the outermost frame only.
    """
    while isinstance(work, CoroutineType):
        frame = work.cr_frame
        if frame is not None:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        work = work.cr_await


def _runs_at(frame: FrameType) -> Iterator[str]:
    """Yield the calls of an OS thread, innermost last."""
    for inner, line in reversed(list(traceback.walk_stack(frame))):
        yield f"{Path(inner.f_code.co_filename).name}:{line}"
