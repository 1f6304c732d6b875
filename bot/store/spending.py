"""The turns that people caused in each hour, and the tokens used on each day, in Redis.

Implements `bot.rooms.decisions.spending.SpendingStore`. Each count expires after its window.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.store import keys
from bot.store.connection import Store

# Longer than the window, because clocks may differ a little.
TURNS_KEPT = timedelta(hours=2)
TOKENS_KEPT = timedelta(days=3)


class RedisSpending:
    """Turns by person and hour, tokens by day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def turns(self, person: int, hour: datetime) -> set[str]:
        """Return the ids of the turns that `person` caused in the hour that begins at `hour`."""
        async with self._store.reached() as redis:
            return set(await redis.smembers(keys.person_turns(person, hour)))

    async def add_turns(self, person: int, hour: datetime, turn_ids: Collection[str]) -> None:
        """Add turns to the person's hour; a turn counts once however often it is added."""
        key = keys.person_turns(person, hour)
        async with self._store.pipeline() as pipe:
            pipe.sadd(key, *turn_ids)
            pipe.expire(key, TURNS_KEPT)
            await pipe.execute()

    async def tokens(self, day: datetime) -> int:
        """Return the number of tokens used on that day."""
        async with self._store.reached() as redis:
            return int(await redis.get(keys.day_tokens(day)) or 0)

    async def add_tokens(self, day: datetime, count: int) -> int:
        """Add `count` tokens to the day, and return the new total."""
        key = keys.day_tokens(day)
        async with self._store.pipeline() as pipe:
            pipe.incrby(key, count)
            pipe.expire(key, TOKENS_KEPT)
            total, _ = await pipe.execute()
            return int(total)
