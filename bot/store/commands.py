"""The slash commands that were last registered with Discord, in Redis."""

from __future__ import annotations

from bot.store import keys
from bot.store.connection import Store


class RedisCommands:
    """Stores a text for `bot.discord_io.command_sync`, since Discord limits daily registrations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self) -> str | None:
        """Return the stored text; None when nothing was registered yet."""
        async with self._store.reached() as redis:
            registered: str | None = await redis.get(keys.COMMANDS)
        return registered

    async def set(self, told: str) -> None:
        """Store the text of the registered commands."""
        async with self._store.reached() as redis:
            await redis.set(keys.COMMANDS, told)
