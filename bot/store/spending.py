"""What members have spent in this hour and on this day, in Redis.

Implements `bot.rooms.spending.SpendingStore`. Each count goes by itself after its window.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import keys
from bot.store.connection import Store

# Longer than the window: a clock may be a little off.
TURNS_KEPT = timedelta(hours=2)
TOKENS_KEPT = timedelta(days=3)


class RedisSpending:
    """Turns by person and hour, tokens by day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def turns(self, person: int, hour: datetime) -> int:
        """Turns that `person` caused in the hour that begins then."""
        return await self._count(keys.person_turns(person, hour))

    async def add_turns(self, person: int, hour: datetime, count: int) -> int:
        """Add `count` turns; gives the new total."""
        return await self._add(keys.person_turns(person, hour), count, TURNS_KEPT)

    async def tokens(self, day: datetime) -> int:
        """Tokens used on the day that begins then."""
        return await self._count(keys.day_tokens(day))

    async def add_tokens(self, day: datetime, count: int) -> int:
        """Add `count` tokens; gives the new total."""
        return await self._add(keys.day_tokens(day), count, TOKENS_KEPT)

    async def _count(self, key: str) -> int:
        async with self._store.reached() as redis:
            return int(await redis.get(key) or 0)

    async def _add(self, key: str, count: int, kept: timedelta) -> int:
        async with self._store.reached() as redis, redis.pipeline(transaction=True) as pipe:
            pipe.incrby(key, count)
            pipe.expire(key, kept)
            total, _ = await pipe.execute()
            return int(total)
