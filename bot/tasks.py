"""The only maker of tasks: each is held, named, and its failure logged. Owns no schedule.

Elsewhere `asyncio.create_task` is banned (ruff TID251): a task that nobody holds can be
collected in mid-flight, and its exception is never seen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

log = logging.getLogger(__name__)

P = ParamSpec("P")
# Seconds until a step that is put off again and again for the same reason is logged once more.
SAID_AGAIN = 60.0

T = TypeVar("T")

# Characters, a message of Discord's: whatever form they have, they are read in milliseconds.
AT_ONCE = 2_000


class Tasks:
    """A set of background tasks with one owner, cancelled and awaited when it is left."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(
        self, name: str, work: Coroutine[Any, Any, T], *, apart: bool = False
    ) -> asyncio.Task[T]:
        """Start `work` now, named `owner/name`. An exception is logged when it ends.

        `apart`: it outlives who starts it, so it does not log under their ids (`bot.log.bound`).
        """
        context = Context() if apart else None
        task = asyncio.create_task(  # noqa: TID251 its one home
            work, name=f"{self._owner}/{name}", context=context
        )
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def join(self, timeout: float) -> None:
        """Wait until every task ended, `timeout` seconds at most. Cancels nothing."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=timeout)

    async def close(self) -> None:
        """Cancel what runs and wait for it."""
        own = asyncio.current_task()
        running = [task for task in self._tasks if task is not own]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)


class Aside:
    """Long computations in a thread, one at a time, so that the loop runs on meanwhile.

    Threads take turns in Python (`sys.getswitchinterval`): of several at once the loop would wait
    for each, time and again.
    """

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def run(self, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """What `work` gives; its error is raised here. It must change nothing of the loop's."""
        async with self._free:
            return await asyncio.to_thread(work, *args, **more)

    async def read(self, text: str, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """What `work`, which reads `text`, gives: by `run` where that is long, else at once."""
        if len(text) <= AT_ONCE:
            return work(*args, **more)
        return await self.run(work, *args, **more)


async def forever(
    interval: float,
    step: Callable[[], Coroutine[Any, Any, None]],
    *,
    name: str,
    passing: tuple[type[Exception], ...] = (),
) -> None:
    """Run `step` every `interval` seconds; a failed step is logged and the next one still runs.

    Errors of `passing` come from outside and go by themselves: a line tells of them, no trace, and
    of the same one after `SAID_AGAIN` seconds at the soonest.
    """
    said, said_at = "", 0.0
    while True:
        await asyncio.sleep(interval)
        try:
            await step()
        except passing as error:
            now = time.monotonic()
            if str(error) != said or now - said_at >= SAID_AGAIN:
                log.warning("%s: put off: %s", name, error)
                said, said_at = str(error), now
        except Exception:
            log.exception("%s: a round failed", name)


@asynccontextmanager
async def unless(stopped: asyncio.Event) -> AsyncIterator[None]:
    """Leave what is under way in here, without an error, once `stopped` is set."""
    async with Tasks("stop") as tasks:
        try:
            async with asyncio.timeout(None) as limit:
                tasks.start("watch", _expire(stopped, limit))
                yield
        except TimeoutError:
            if not limit.expired():
                raise


async def _expire(stopped: asyncio.Event, limit: asyncio.Timeout) -> None:
    await stopped.wait()
    limit.reschedule(asyncio.get_running_loop().time())
