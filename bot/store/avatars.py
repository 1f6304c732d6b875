"""The addresses of uploaded avatars, by the picture's digest, in Redis."""

from __future__ import annotations

from bot.store import keys
from bot.store.connection import Store


class RedisAvatars:
    """Digest → URL. A changed picture has another digest, so no entry becomes stale."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, digest: str) -> str | None:
        """Return the URL of the uploaded picture; None when it was never uploaded."""
        async with self._store.reached() as redis:
            address: str | None = await redis.get(keys.avatar(digest))
        return address

    async def set(self, digest: str, address: str) -> None:
        """Store the URL of an uploaded picture."""
        async with self._store.reached() as redis:
            await redis.set(keys.avatar(digest), address)
