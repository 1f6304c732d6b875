"""The in-memory twin of `bot.store.spending`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

from bot.errors import StoreError


class MemorySpending:
    """A `SpendingStore`. While it is `away`, every call raises `StoreError`."""

    def __init__(self) -> None:
        self.away = False
        self._turns: defaultdict[tuple[int, datetime], set[str]] = defaultdict(set)
        self._tokens: Counter[datetime] = Counter()

    async def turns(self, person: int, hour: datetime) -> set[str]:
        self._check()
        return set(self._turns[person, hour])

    async def add_turns(self, person: int, hour: datetime, turn_ids: Collection[str]) -> None:
        self._check()
        self._turns[person, hour].update(turn_ids)

    async def tokens(self, day: datetime) -> int:
        self._check()
        return self._tokens[day]

    async def add_tokens(self, day: datetime, count: int) -> int:
        self._check()
        self._tokens[day] += count
        return self._tokens[day]

    def _check(self) -> None:
        if self.away:
            raise StoreError("away")
