"""The servers that were greeted, in Redis: each once, across restarts and repeated invitations."""

from __future__ import annotations

from collections.abc import Sequence

from bot.store import keys
from bot.store.connection import Store


class RedisGreetings:
    """A set of server ids."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def know(self, guild_ids: Sequence[int]) -> None:
        """Mark servers that the bot is already in, so that they are never greeted."""
        if guild_ids:
            async with self._store.reached() as redis:
                await redis.sadd(keys.GREETED, *map(str, guild_ids))

    async def claim(self, guild_id: int) -> bool:
        """Claim the greeting of a server; True only for the first claim."""
        async with self._store.reached() as redis:
            return bool(await redis.sadd(keys.GREETED, str(guild_id)))

    async def release(self, guild_id: int) -> None:
        """Release the claim after a failed greeting, so that the next invitation greets."""
        async with self._store.reached() as redis:
            await redis.srem(keys.GREETED, str(guild_id))
