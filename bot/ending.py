"""The last resort against an end that hangs: after so long, the process is gone.

Owns the deadline and what is said of it. The orderly end is `bot.app`'s; whatever that did not come
to is taken up by the next start, as after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType

log = logging.getLogger(__name__)

# Docker waits ten seconds between SIGTERM and SIGKILL, and a kill tells nobody what hung.
END_WITHIN = 9.5
# sysexits.h: EX_SOFTWARE, an internal error.
HUNG = 70


class Deadline:
    """Runs from `start` on, in a thread of its own: a blocked loop could not keep it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float = END_WITHIN) -> None:
        self._loop = loop
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._seconds = seconds

    def start(self) -> None:
        """From now on there are so many seconds; starting twice changes nothing."""
        if not self._timer.ident:
            self._timer.start()

    def cancel(self) -> None:
        """It ended by itself."""
        self._timer.cancel()

    def _end(self) -> None:
        for line in _what_hangs(self._loop):
            log.error("the end hangs: %s", line)
        log.error("not ended after %.1f s: the next start takes up what is left", self._seconds)
        logging.shutdown()
        os._exit(HUNG)


def _what_hangs(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Each task that is left, with the calls that wait for one another, the innermost last."""
    for task in asyncio.all_tasks(loop):
        yield f"{task.get_name()} at {' → '.join(_waits_at(task.get_coro()))}"


def _waits_at(work: object) -> Iterator[str]:
    """Down from a task's own coroutine to where it waits; `Task.get_stack` knows the first only."""
    while isinstance(work, CoroutineType):
        frame = work.cr_frame
        if frame is not None:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        work = work.cr_await
