"""What is left of each room's budget. Owns the cache; the rule is `bot.domain.budget`'s.

Only a person's message refills it, never a restart: it is kept in the store. A room that the store
knows nothing of has nothing left, so characters are silent to one another when in doubt.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Protocol

from bot.domain.budget import Budget

# Rooms kept in memory; the one that was silent longest goes first, and is read again.
ROOMS_LIMIT = 1_000


class BudgetStore(Protocol):
    """Where budgets are kept, for at least as long as they may allow anything."""

    async def budget(self, room_id: int) -> Budget | None:
        """The room's budget, if there is one."""
        ...

    async def keep_budget(self, room_id: int, budget: Budget) -> None:
        """Write it."""
        ...


class Budgets:
    """The budgets of the rooms of this process."""

    def __init__(self, store: BudgetStore) -> None:
        self._store = store
        self._rooms: OrderedDict[int, Budget] = OrderedDict()

    async def refill(self, room_id: int, said_at: datetime) -> None:
        """A person spoke then: heard once more, the same message refills nothing.

        Only remembered here; `write` it when there is time. Raises `StoreError`.
        """
        if (await self.of(room_id)).since < said_at:
            self._put(room_id, Budget(since=said_at))

    async def of(self, room_id: int) -> Budget:
        """What was used there. Raises `StoreError`."""
        kept = self._rooms.get(room_id)
        if kept is None:
            found = await self._store.budget(room_id)
            # A person may have spoken while it was read.
            kept = self._rooms.get(room_id) or found or Budget()
            self._put(room_id, kept)
        return kept

    async def use(self, room_id: int, *, turns: int = 0, tokens: int = 0) -> None:
        """That much more is used; written before it returns. Raises `StoreError`."""
        self._put(room_id, (await self.of(room_id)).after(turns=turns, tokens=tokens))
        await self.write(room_id)

    async def write(self, room_id: int) -> None:
        """Write what is remembered of that room. Raises `StoreError`."""
        kept = self._rooms.get(room_id)
        if kept is not None:
            await self._store.keep_budget(room_id, kept)

    def _put(self, room_id: int, budget: Budget) -> None:
        self._rooms[room_id] = budget
        self._rooms.move_to_end(room_id)
        if len(self._rooms) > ROOMS_LIMIT:
            self._rooms.popitem(last=False)
