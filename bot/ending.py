"""The last resort against an end that hangs: after so long, the process is gone.

Owns the deadline and what is said of it. The orderly end is `bot.app`'s; whatever that did not come
to is taken up by the next start, as after a crash.
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

# Docker waits ten seconds between SIGTERM and SIGKILL, and a kill tells nobody what hung.
END_WITHIN = 9.5
# Telling that may hang as well: on a log that nobody reads any more.
TELL_WITHIN = 0.3
# sysexits.h: EX_SOFTWARE, an internal error.
HUNG = 70


class Deadline:
    """Runs from `start` on, in a thread of its own: a blocked loop could not keep it."""

    def __init__(self, seconds: float = END_WITHIN) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on there are so many seconds; starting twice changes nothing."""
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self._end, (loop,))
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """It ended by itself."""
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
        log.error("not ended after %.1f s: the next start takes up what is left", self._seconds)
        logging.shutdown()


def _what_hangs(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Each task that is left, with the calls that wait for one another, the innermost last; then
    the threads that the process would wait for.
    """
    for task in asyncio.all_tasks(loop):
        yield f"{task.get_name()} at {' → '.join(_waits_at(task.get_coro()))}"
    frames = sys._current_frames()  # noqa: SLF001 nothing else tells where a thread is
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None and not thread.daemon and thread is not threading.main_thread():
            yield f"thread {thread.name} at {' → '.join(_runs_at(frame))}"


def _waits_at(work: object) -> Iterator[str]:
    """Down from a task's own coroutine to where it waits; `Task.get_stack` knows the first only."""
    while isinstance(work, CoroutineType):
        frame = work.cr_frame
        if frame is not None:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        work = work.cr_await


def _runs_at(frame: FrameType) -> Iterator[str]:
    """The calls of a thread, the innermost last."""
    for inner, line in reversed(list(traceback.walk_stack(frame))):
        yield f"{Path(inner.f_code.co_filename).name}:{line}"
