"""The cache of each room's remaining budget. `bot.domain.budget` has the rule.

Budgets are stored, so only a person's message refills one, never a restart. A room unknown to the
store has nothing left: when in doubt, characters do not answer one another.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Protocol

from bot.domain.budget import Budget

# Most rooms in memory; the least recently used is evicted, and read again when needed.
ROOMS_LIMIT = 1_000


class BudgetStore(Protocol):
    """Persistent budgets, kept for at least as long as they can allow an answer."""

    async def budget(self, room_id: int) -> Budget | None:
        """Return the room's budget; None if none is stored."""
        ...

    async def keep_budget(self, room_id: int, budget: Budget) -> None:
        """Write the room's budget."""
        ...


class Budgets:
    """The budgets of the rooms of this process."""

    def __init__(self, store: BudgetStore) -> None:
        self._store = store
        self._rooms: OrderedDict[int, Budget] = OrderedDict()

    async def refill(self, room_id: int, said_at: datetime) -> None:
        """Refill the budget for a person's message of `said_at`. Idempotent for a message.

        Changes the cache only; `write` stores it later. Raises `StoreError`.
        """
        if (await self.of(room_id)).since < said_at:
            self._put(room_id, Budget(since=said_at))

    async def of(self, room_id: int) -> Budget:
        """Return the room's budget. Raises `StoreError`."""
        kept = self._rooms.get(room_id)
        if kept is None:
            found = await self._store.budget(room_id)
            # `refill` may have run during the read.
            kept = self._rooms.get(room_id) or found or Budget()
            self._put(room_id, kept)
        return kept

    async def use(self, room_id: int, *, turns: int = 0, tokens: int = 0) -> None:
        """Count `turns` and `tokens` as used, and write the budget. Raises `StoreError`."""
        self._put(room_id, (await self.of(room_id)).after(turns=turns, tokens=tokens))
        await self.write(room_id)

    async def write(self, room_id: int) -> None:
        """Write the cached budget of the room, if any. Raises `StoreError`."""
        kept = self._rooms.get(room_id)
        if kept is not None:
            await self._store.keep_budget(room_id, kept)

    def _put(self, room_id: int, budget: Budget) -> None:
        self._rooms[room_id] = budget
        self._rooms.move_to_end(room_id)
        if len(self._rooms) > ROOMS_LIMIT:
            self._rooms.popitem(last=False)
