"""Which slash commands Discord was told last, in Redis."""

from __future__ import annotations

from bot.store import keys
from bot.store.connection import Store


class RedisCommands:
    """As `bot.discord_io.command_sync` wrote it; Discord allows few tellings a day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self) -> str | None:
        """What was kept last; None when nothing was."""
        async with self._store.reached() as redis:
            told: str | None = await redis.get(keys.COMMANDS)
        return told

    async def set(self, told: str) -> None:
        """Remember it."""
        async with self._store.reached() as redis:
            await redis.set(keys.COMMANDS, told)
