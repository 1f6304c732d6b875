"""One rate limit of Discord: who may write now, and who is next. Learns from the headers.

Finals go before edits, whoever came first. Owns no request: the caller takes a place, writes, and
tells what the answer's headers said.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping
from enum import IntEnum
from itertools import count


class Priority(IntEnum):
    """Whose turn it is when there is not room for all."""

    FINAL = 0
    EDIT = 1
    FRAME = 2


class Bucket:
    """Discord's bucket for one kind of write on one webhook. Times are the loop's, in seconds."""

    def __init__(self) -> None:
        self._limit = 1
        # Unknown until the first answer: Discord tells its limits only with it.
        self._left: int | None = None
        self._resets_at = 0.0
        self._held_until = 0.0
        self._flying = 0
        self._order = count()
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def has_room(self, spare: int = 0) -> bool:
        """Whether a write could go now and leave `spare` more for others."""
        now = asyncio.get_running_loop().time()
        if now < self._held_until or self._waiting:
            return False
        if self._left is None:
            return self._flying <= spare
        if now >= self._resets_at:
            return self._limit - self._flying > spare
        return self._left > spare

    async def take(self, priority: Priority) -> None:
        """Wait for a place. `settle` must follow, whatever became of the write."""
        if not self._waiting and self._may_go():
            self._go()
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), waiter))
        self._arm()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._flying -= 1
                self._wake()
            raise

    def settle(self, headers: Mapping[str, str] | None = None) -> None:
        """The write is over; `headers` are its answer's, None when there was none."""
        self._flying -= 1
        if headers is not None and "X-RateLimit-Remaining" in headers:
            self._learn(headers)
        self._wake()

    def hold(self, seconds: float) -> None:
        """Nobody goes for so long: Discord answered 429."""
        until = asyncio.get_running_loop().time() + seconds
        self._held_until = max(self._held_until, until)

    def _learn(self, headers: Mapping[str, str]) -> None:
        now = asyncio.get_running_loop().time()
        self._limit = max(1, int(headers.get("X-RateLimit-Limit", 1)))
        told = int(headers["X-RateLimit-Remaining"])
        resets_at = now + float(headers.get("X-RateLimit-Reset-After", 1))
        # Writes on their way may not be in that number yet; a late answer gives no places back.
        left = max(0, min(told, self._limit - self._flying))
        same_window = self._left is not None and now < self._resets_at
        self._left = min(left, self._left) if same_window and self._left is not None else left
        self._resets_at = resets_at

    def _may_go(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._held_until:
            return False
        return self._left is None or self._left > 0 or now >= self._resets_at

    def _go(self) -> None:
        self._flying += 1
        if self._left is None:
            return
        if asyncio.get_running_loop().time() >= self._resets_at:
            # A new window. When it ends is told by the first answer; until then, one window on.
            self._left = max(1, self._limit - self._flying + 1)
            self._resets_at = asyncio.get_running_loop().time() + 1
        self._left -= 1

    def _wake(self) -> None:
        while self._waiting and self._may_go():
            waiter = heapq.heappop(self._waiting)[2]
            if not waiter.done():
                self._go()
                waiter.set_result(None)
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            until_reset = self._resets_at if self._left == 0 else 0.0
            self._timer = loop.call_at(max(self._held_until, until_reset), self._wake)
