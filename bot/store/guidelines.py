"""A guild's own rules for its characters, one text each, in Redis."""

from __future__ import annotations

from bot.errors import RefusedError
from bot.refusals import GUIDELINES_EMPTY, GuidelinesTooLong
from bot.store import keys
from bot.store.connection import Store

# Characters. A field of a Discord form takes no more, and a model should not read more.
GUIDELINES_LIMIT = 4_000


class RedisGuidelines:
    """Guild id → its rules."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, guild_id: int) -> str:
        """The guild's rules; empty when it has none."""
        async with self._store.reached() as redis:
            text: str | None = await redis.get(keys.guidelines(guild_id))
        return text or ""

    async def set(self, guild_id: int, text: str) -> None:
        """Replace the guild's rules. Raises `RefusedError` when they are empty or too long."""
        text = text.strip()
        if not text:
            raise RefusedError(GUIDELINES_EMPTY)
        if len(text) > GUIDELINES_LIMIT:
            raise RefusedError(GuidelinesTooLong(len(text), GUIDELINES_LIMIT))
        async with self._store.reached() as redis:
            await redis.set(keys.guidelines(guild_id), text)

    async def clear(self, guild_id: int) -> None:
        """Remove the guild's rules."""
        async with self._store.reached() as redis:
            await redis.delete(keys.guidelines(guild_id))
