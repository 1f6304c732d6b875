"""A rate limit bucket with a priority queue. Learns the limit from the response headers.

Higher priorities go first, in whatever order requests arrive. Makes no requests: the caller takes a
slot, makes its request, and passes on the response headers.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping
from enum import IntEnum
from itertools import count


class Priority(IntEnum):
    """The order of waiting requests."""

    FINAL = 0
    """Everything but an edit."""
    EDIT = 1
    """An edit that must be made."""
    FRAME = 2
    """An edit of an answer that is still streaming, which may be dropped."""


class Bucket:
    """Discord's bucket for an HTTP method of a webhook. Times are in seconds of the loop's time."""

    def __init__(self) -> None:
        self._limit = 1
        # Requests left in this window; None until the first response, which has the first headers.
        self._left: int | None = None
        self._resets_at = 0.0
        self._held_until = 0.0
        self._in_flight = 0
        # Keeps waiting requests of equal priority in order of arrival.
        self._order = count()
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def has_room(self, spare: int = 0) -> bool:
        """Return whether a request could start now and leave `spare` slots for others."""
        now = asyncio.get_running_loop().time()
        if now < self._held_until or self._waiting:
            return False
        if self._left is None:
            return self._in_flight <= spare
        if now >= self._resets_at:
            return self._limit - self._in_flight > spare
        return self._left > spare

    async def take(self, priority: Priority) -> None:
        """Wait for a slot. The caller must call `settle` afterwards, even if its request fails."""
        if not self._waiting and self._may_start():
            self._start()
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), waiter))
        self._arm()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._in_flight -= 1
                self._wake()
            raise

    def settle(self, headers: Mapping[str, str] | None = None) -> None:
        """Release the slot; `headers` are the response's, or None without a response."""
        self._in_flight -= 1
        if headers is not None and "X-RateLimit-Remaining" in headers:
            self._learn(headers)
        self._wake()

    def hold(self, seconds: float) -> None:
        """Start no request for so many seconds: Discord answered 429."""
        until = asyncio.get_running_loop().time() + seconds
        self._held_until = max(self._held_until, until)

    def _learn(self, headers: Mapping[str, str]) -> None:
        now = asyncio.get_running_loop().time()
        self._limit = max(1, int(headers.get("X-RateLimit-Limit", 1)))
        remaining = int(headers["X-RateLimit-Remaining"])
        resets_at = now + float(headers.get("X-RateLimit-Reset-After", 1))
        # Discord may not have counted the requests in flight yet, and responses can arrive late:
        # within a window, the number of slots left never rises.
        left = max(0, min(remaining, self._limit - self._in_flight))
        same_window = self._left is not None and now < self._resets_at
        self._left = min(left, self._left) if same_window and self._left is not None else left
        self._resets_at = resets_at

    def _may_start(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._held_until:
            return False
        return self._left is None or self._left > 0 or now >= self._resets_at

    def _start(self) -> None:
        self._in_flight += 1
        if self._left is None:
            return
        if asyncio.get_running_loop().time() >= self._resets_at:
            # A new window. Assume that it lasts 1 s until the first response has its real end.
            self._left = max(1, self._limit - self._in_flight + 1)
            self._resets_at = asyncio.get_running_loop().time() + 1
        self._left -= 1

    def _wake(self) -> None:
        while self._waiting and self._may_start():
            waiter = heapq.heappop(self._waiting)[2]
            if not waiter.done():
                self._start()
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
