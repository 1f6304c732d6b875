"""Limits on concurrent turns: one per seat, and a few per person and per server. Owns the queue.

Otherwise a person who mentions a character in a hundred Discord threads at once would use up the
pool, the bot's global rate limit and the endpoint's, and everybody else would wait.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

# Seconds. A channel and its Discord threads share one webhook, which may post five messages in two
# seconds; the pace leaves room for other people.
PACE = 2.5


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """How many turns may run at once."""

    per_person: int = 3
    per_server: int = 20
    pace: float = 0.0
    """Minimum seconds that a person holds a slot while more of their turns are waiting."""


_Asker = tuple[int, int | None]
"""A person's id, and the server's; None for direct messages."""


class TurnSlots:
    """Slots for running turns, granted round-robin, one turn per person and server.

    Direct messages belong to no server and are limited per person alone.
    """

    def __init__(self, limits: SlotLimits) -> None:
        self._limits = limits
        self._persons: Counter[int] = Counter()
        self._servers: Counter[int] = Counter()
        self._waiting: OrderedDict[_Asker, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, person: int, server: int | None) -> AsyncIterator[None]:
        """Wait for a slot for a turn that `person` asked for in `server`, and hold it."""
        asker, loop = (person, server), asyncio.get_running_loop()
        await self._acquire(asker)
        free_from = loop.time() + self._limits.pace
        try:
            yield
        finally:
            if asker in self._waiting and loop.time() < free_from:
                loop.call_at(free_from, self._release, asker)
            else:
                self._release(asker)

    def _release(self, asker: _Asker) -> None:
        self._count(asker, -1)
        self._grant()

    async def _acquire(self, asker: _Asker) -> None:
        if asker not in self._waiting and self._is_free(asker):
            self._count(asker, 1)
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            # The slot may have been granted before the task saw its cancellation.
            if not granted.cancelled():
                self._count(asker, -1)
            self._grant()
            raise

    def _grant(self) -> None:
        """Grant free slots to waiting turns: round-robin by asker, oldest turn first."""
        for asker in list(self._waiting):
            queue = self._waiting[asker]
            while queue and queue[0].cancelled():
                queue.popleft()
            if queue and self._is_free(asker):
                self._count(asker, 1)
                queue.popleft().set_result(None)
                self._waiting.move_to_end(asker)
            if not queue:
                del self._waiting[asker]

    def _is_free(self, asker: _Asker) -> bool:
        person, server = asker
        if self._persons[person] >= self._limits.per_person:
            return False
        return server is None or self._servers[server] < self._limits.per_server

    def _count(self, asker: _Asker, by: int) -> None:
        person, server = asker
        _add(self._persons, person, by)
        if server is not None:
            _add(self._servers, server, by)


class Floor:
    """A lock for the turns of one seat, acquired together with a slot.

    A turn that waits for the lock holds no slot, and a turn that waits for a slot holds no lock.
    """

    def __init__(self) -> None:
        self._taken = False
        self._released = asyncio.Event()

    def is_taken(self) -> bool:
        """Return whether a turn holds the lock."""
        return self._taken

    @asynccontextmanager
    async def hold(
        self, slot: Callable[[], AbstractAsyncContextManager[None]]
    ) -> AsyncIterator[None]:
        """Hold the lock and a slot. A slot granted after another turn took the lock is released."""
        while True:
            while self.is_taken():
                await self._released.wait()
            async with slot():
                if self.is_taken():
                    continue
                self._taken = True
                try:
                    yield
                finally:
                    self._taken = False
                    self._released.set()
                    self._released = asyncio.Event()
                return


def _add(counter: Counter[int], key: int, by: int) -> None:
    counter[key] += by
    if not counter[key]:
        del counter[key]
