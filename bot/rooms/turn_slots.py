"""How many turns run at once: one for a seat, some for a person and a server. Owns who waits.

Somebody who mentions a character in a hundred threads at once would otherwise fill the pool, the
bot's global rate limit at Discord and the endpoint's: everybody else would wait behind all of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

# Discord takes five messages in two seconds through the webhook that a channel and its threads
# share: of those, one person with many turns leaves some to others.
PACE = 2.5


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """How many turns may run at once."""

    per_person: int = 3
    per_server: int = 20
    pace: float = 0.0
    """Seconds for which a person with more turns waiting holds each slot at least."""


_Asker = tuple[int, int | None]
"""A person, and the server that they ask in; None for direct messages."""


class TurnSlots:
    """Slots for running turns. Those who wait are served in rotation, a turn a person and server.

    Direct messages belong to no server and are bounded by person alone.
    """

    def __init__(self, limits: SlotLimits) -> None:
        self._limits = limits
        self._persons: Counter[int] = Counter()
        self._servers: Counter[int] = Counter()
        self._waiting: OrderedDict[_Asker, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, person: int, server: int | None) -> AsyncIterator[None]:
        """Hold a slot for a turn that `person` asked for in `server`; waits until one is free."""
        asker, loop = (person, server), asyncio.get_running_loop()
        await self._take(asker)
        free_from = loop.time() + self._limits.pace
        try:
            yield
        finally:
            if asker in self._waiting and loop.time() < free_from:
                loop.call_at(free_from, self._leave, asker)
            else:
                self._leave(asker)

    def _leave(self, asker: _Asker) -> None:
        self._count(asker, -1)
        self._grant()

    async def _take(self, asker: _Asker) -> None:
        if asker not in self._waiting and self._is_free(asker):
            self._count(asker, 1)
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            # The slot may have been granted before the cancellation was noticed.
            if not granted.cancelled():
                self._count(asker, -1)
            self._grant()
            raise

    def _grant(self) -> None:
        """Give what is free to those who wait: each asker's oldest turn, in rotation."""
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
    """Who has the floor of a seat: one turn at a time, and a slot together with it.

    Who waits for the floor holds no slot, and who waits for a slot keeps nobody from the floor.
    """

    def __init__(self) -> None:
        self._taken = False
        self._left = asyncio.Event()

    def is_taken(self) -> bool:
        """Whether a turn has it."""
        return self._taken

    @asynccontextmanager
    async def hold(
        self, slot: Callable[[], AbstractAsyncContextManager[None]]
    ) -> AsyncIterator[None]:
        """Hold the floor, and what `slot()` gives; a slot that comes too late is given back."""
        while True:
            while self.is_taken():
                await self._left.wait()
            async with slot():
                if self.is_taken():
                    continue
                self._taken = True
                try:
                    yield
                finally:
                    self._taken = False
                    self._left.set()
                    self._left = asyncio.Event()
                return


def _add(counter: Counter[int], key: int, by: int) -> None:
    counter[key] += by
    if not counter[key]:
        del counter[key]
