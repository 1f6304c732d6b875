"""The twin in memory of `bot.store.spending`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from bot.errors import StoreError


class MemorySpending:
    """A `SpendingStore`. While it is `away`, nothing can be read or written."""

    def __init__(self) -> None:
        self.away = False
        self._turns: Counter[tuple[int, datetime]] = Counter()
        self._tokens: Counter[datetime] = Counter()

    async def turns(self, person: int, hour: datetime) -> int:
        self._check()
        return self._turns[person, hour]

    async def add_turns(self, person: int, hour: datetime, count: int) -> int:
        self._check()
        self._turns[person, hour] += count
        return self._turns[person, hour]

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
