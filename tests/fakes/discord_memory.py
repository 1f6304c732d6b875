"""In-memory twins of the stores of `bot.discord_io`: webhooks, avatars, commands, messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from bot.discord_io.webhooks import WebhookKey
from bot.domain.turn import Turn


class MemoryWebhooks:
    def __init__(self) -> None:
        self.kept: dict[int, WebhookKey] = {}

    async def get(self, channel_id: int) -> WebhookKey | None:
        return self.kept.get(channel_id)

    async def set(self, channel_id: int, webhook: WebhookKey) -> None:
        self.kept[channel_id] = webhook

    async def drop(self, channel_id: int) -> None:
        self.kept.pop(channel_id, None)


class MemoryAvatars:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, digest: str) -> str | None:
        return self.kept.get(digest)

    async def set(self, digest: str, address: str) -> None:
        self.kept[digest] = address


class MemorySync:
    def __init__(self) -> None:
        self.digest: str | None = None

    async def get(self) -> str | None:
        return self.digest

    async def set(self, digest: str) -> None:
        self.digest = digest


class MemoryRecord:
    """A `MessageRecord`. Calls `changed` after each recorded chunk."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self.chunks: dict[str, dict[int, int]] = {}
        """Turn id → index → message id."""
        self._authors: dict[int, tuple[str, str]] = {}
        self.said_at: dict[str, int] = {}
        """Turn id → position of the answer, for ended turns."""

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        self.chunks.setdefault(turn.id, {})[index] = message_id
        self._authors[message_id] = (turn.character, turn.id)
        self._changed()

    async def claim(self, turn: Turn, message_id: int) -> None:
        self._authors[message_id] = (turn.character, f"{turn.id}:{message_id}")

    def forget(self) -> None:
        """Drop all records, as a crash before the write would."""
        self.chunks.clear()
        self._authors.clear()

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {key: self._authors[key] for key in message_ids if key in self._authors}

    async def orders(self, turn_ids: Collection[str]) -> dict[str, int]:
        return {key: self.said_at[key] for key in turn_ids if key in self.said_at}
