"""Creates all asyncio tasks: each is referenced, named, and its failure logged. Owns no schedule.

Elsewhere `asyncio.create_task` is banned (ruff TID251): a task without a reference may be
garbage-collected while it runs, and its exception is never seen.
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
# Seconds until the same transient error of a step is logged again.
SAID_AGAIN = 60.0

T = TypeVar("T")

# Characters, the length of a Discord message: any text of that length is parsed in milliseconds.
AT_ONCE = 2_000


class Tasks:
    """Background tasks of an owner. Leaving the context cancels and awaits them."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(
        self, name: str, work: Coroutine[Any, Any, T], *, apart: bool = False
    ) -> asyncio.Task[T]:
        """Start `work` as the task `owner/name`. Logs the exception if the task fails.

        `apart`: the task outlives its caller, so it does not inherit the caller's bound log ids
        (`bot.log.bound`).
        """
        context = Context() if apart else None
        task = asyncio.create_task(  # noqa: TID251 the only permitted call
            work, name=f"{self._owner}/{name}", context=context
        )
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def join(self, timeout: float) -> None:
        """Wait until all tasks have ended, for `timeout` seconds at most. Cancels nothing."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=timeout)

    async def close(self) -> None:
        """Cancel all tasks but the current task, and wait for them."""
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
    """Runs long computations in an OS thread, one at a time, without blocking the event loop.

    One at a time, because OS threads share Python's interpreter lock (`sys.getswitchinterval`):
    with several, the loop would repeatedly wait for each.
    """

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def run(self, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Return the result of `work` or raise its error. `work` must not use the loop's state."""
        async with self._free:
            return await asyncio.to_thread(work, *args, **more)

    async def read(self, text: str, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Return the result of `work`, which reads `text`: by `run` only if `text` is long."""
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
    """Run `step` every `interval` seconds; a failure is logged and does not stop the loop.

    Errors of the types `passing` are transient: they are logged without traceback, and the same
    error again after `SAID_AGAIN` seconds at the earliest.
    """
    logged, logged_at = "", 0.0
    while True:
        await asyncio.sleep(interval)
        try:
            await step()
        except passing as error:
            now = time.monotonic()
            if str(error) != logged or now - logged_at >= SAID_AGAIN:
                log.warning("%s: put off: %s", name, error)
                logged, logged_at = str(error), now
        except Exception:
            log.exception("%s: a round failed", name)


@asynccontextmanager
async def unless(stopped: asyncio.Event) -> AsyncIterator[None]:
    """Cancel the body of the `with` block, without an error, once `stopped` is set."""
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
