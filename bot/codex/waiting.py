"""The queue for a slot of the pool: first come, first served, with visible positions.

Owns the order, the deadlines and the position callbacks; knows nothing of slots.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.copied_errors import copied
from bot.errors import PoolBusyError

log = logging.getLogger(__name__)

T = TypeVar("T")

OnWait = Callable[[int], None]


class _Waiter(Generic[T]):
    def __init__(self, key: str, on_wait: OnWait | None) -> None:
        self.key = key
        self.granted: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.since = asyncio.get_running_loop().time()
        self._on_wait = on_wait
        self._last_told = 0

    def tell(self, position: int) -> None:
        if position != self._last_told and self._on_wait is not None:
            self._last_told = position
            try:
                self._on_wait(position)
            except Exception:
                log.exception("reporting a queue position failed")


class Queue(Generic[T]):
    """Callers that wait for a `T`, each for a key. `release` takes back an unused grant."""

    def __init__(self, *, seconds: float, release: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._release = release
        self._waiters: list[_Waiter[T]] = []

    def __len__(self) -> int:
        return len(self._waiters)

    async def wait(self, key: str, on_wait: OnWait | None) -> T:
        """Wait for a grant. Raises `PoolBusyError` after `seconds`, or the error given to `fail`.

        `on_wait` is called with the position in the queue, from 1, whenever it changes.
        """
        waiter: _Waiter[T] = _Waiter(key, on_wait)
        self._waiters.append(waiter)
        waiter.tell(len(self._waiters))
        try:
            async with asyncio.timeout(self._seconds):
                return await waiter.granted
        except TimeoutError:
            self._release_unused(waiter)
            raise PoolBusyError(self._seconds) from None
        except asyncio.CancelledError:
            self._release_unused(waiter)
            raise
        finally:
            self._leave(waiter)

    def first(self) -> str | None:
        """Return the key at the head of the queue; None when it is empty."""
        pending = (waiter for waiter in self._waiters if not waiter.granted.done())
        return next((waiter.key for waiter in pending), None)

    def waited(self) -> float:
        """Return for how many seconds the head of the queue has waited; 0 when it is empty."""
        now = asyncio.get_running_loop().time()
        pending = (waiter for waiter in self._waiters if not waiter.granted.done())
        return next((now - waiter.since for waiter in pending), 0.0)

    def grant(self, key: str, make: Callable[[], T]) -> None:
        """Serve every waiter for `key`, each with a grant of its own from `make`."""
        served = [waiter for waiter in self._waiters if waiter.key == key]
        self._waiters = [waiter for waiter in self._waiters if waiter.key != key]
        for waiter in served:
            if not waiter.granted.done():
                waiter.granted.set_result(make())
        self._tell()

    def fail(self, error: Exception) -> None:
        """Empty the queue: every waiter raises a copy of `error`."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.granted.done():
                waiter.granted.set_exception(copied(error))

    def _release_unused(self, waiter: _Waiter[T]) -> None:
        """Release a grant that came at the same moment as the deadline or the cancellation."""
        granted = waiter.granted
        if granted.done() and not granted.cancelled() and granted.exception() is None:
            self._release(granted.result())

    def _leave(self, waiter: _Waiter[T]) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._tell()

    def _tell(self) -> None:
        for position, waiter in enumerate(self._waiters, start=1):
            waiter.tell(position)
