"""Which slash commands Discord was told last, as a digest, in Redis."""

from __future__ import annotations

from bot.store import keys
from bot.store.connection import Store


class RedisCommands:
    """The digest; Discord allows few tellings a day, so it is kept over restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self) -> str | None:
        """The digest of what was told last; None when nothing was."""
        async with self._store.reached() as redis:
            digest: str | None = await redis.get(keys.COMMANDS)
        return digest

    async def set(self, digest: str) -> None:
        """Remember it."""
        async with self._store.reached() as redis:
            await redis.set(keys.COMMANDS, digest)
