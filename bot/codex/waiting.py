"""The queue for a place in the pool: first come, first served, with a place to be seen.

Owns order, deadlines and telling; what a place is, is the pool's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.codex.fresh import fresh
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
        self._told = 0

    def tell(self, place: int) -> None:
        if place != self._told and self._on_wait is not None:
            self._told = place
            try:
                self._on_wait(place)
            except Exception:
                log.exception("telling a place in the queue failed")


class Queue(Generic[T]):
    """Waiters for a `T`, each for the sake of a key. `release` takes back an unwanted grant."""

    def __init__(self, *, seconds: float, release: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._release = release
        self._waiters: list[_Waiter[T]] = []

    def __len__(self) -> int:
        return len(self._waiters)

    async def wait(self, key: str, on_wait: OnWait | None) -> T:
        """Wait for a grant. Raises `PoolBusyError` after `seconds`, or what `fail` was given."""
        waiter: _Waiter[T] = _Waiter(key, on_wait)
        self._waiters.append(waiter)
        waiter.tell(len(self._waiters))
        try:
            async with asyncio.timeout(self._seconds):
                return await waiter.granted
        except TimeoutError:
            self._take_back(waiter)
            raise PoolBusyError(self._seconds) from None
        except asyncio.CancelledError:
            self._take_back(waiter)
            raise
        finally:
            self._leave(waiter)

    def first(self) -> str | None:
        """The key that is served next; None when nobody waits."""
        return next((w.key for w in self._waiters if not w.granted.done()), None)

    def waited(self) -> float:
        """For how many seconds the one who is served next has waited; 0 when nobody waits."""
        now = asyncio.get_running_loop().time()
        return next((now - w.since for w in self._waiters if not w.granted.done()), 0.0)

    def grant(self, key: str, make: Callable[[], T]) -> None:
        """Serve everybody who waits for `key`: each gets a grant of its own from `make`."""
        served = [waiter for waiter in self._waiters if waiter.key == key]
        self._waiters = [waiter for waiter in self._waiters if waiter.key != key]
        for waiter in served:
            if not waiter.granted.done():
                waiter.granted.set_result(make())
        self._tell()

    def fail(self, error: Exception) -> None:
        """Nobody will be served any more."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.granted.done():
                waiter.granted.set_exception(fresh(error))

    def _take_back(self, waiter: _Waiter[T]) -> None:
        """The grant came in the same moment as the deadline, or as the wish to leave."""
        granted = waiter.granted
        if granted.done() and not granted.cancelled() and granted.exception() is None:
            self._release(granted.result())

    def _leave(self, waiter: _Waiter[T]) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._tell()

    def _tell(self) -> None:
        for place, waiter in enumerate(self._waiters, start=1):
            waiter.tell(place)
