"""The guidelines of each guild for its characters, in Redis."""

from __future__ import annotations

from bot.errors import RefusedError
from bot.refusals import GUIDELINES_EMPTY, GuidelinesTooLong
from bot.store import keys
from bot.store.connection import Store

# Characters: the limit of a field in a Discord modal, and as much as a model should read.
GUIDELINES_LIMIT = 4_000


class RedisGuidelines:
    """Guild id → guidelines."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, guild_id: int) -> str:
        """Return the guild's guidelines; empty without."""
        async with self._store.reached() as redis:
            text: str | None = await redis.get(keys.guidelines(guild_id))
        return text or ""

    async def set(self, guild_id: int, text: str) -> None:
        """Replace the guild's guidelines. Raises `RefusedError` for an empty or too long text."""
        text = text.strip()
        if not text:
            raise RefusedError(GUIDELINES_EMPTY)
        if len(text) > GUIDELINES_LIMIT:
            raise RefusedError(GuidelinesTooLong(len(text), GUIDELINES_LIMIT))
        async with self._store.reached() as redis:
            await redis.set(keys.guidelines(guild_id), text)

    async def clear(self, guild_id: int) -> None:
        """Delete the guild's guidelines."""
        async with self._store.reached() as redis:
            await redis.delete(keys.guidelines(guild_id))
