"""What `bot.discord_io` is told to remember, in memory: webhooks, faces, commands, messages."""

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
    """`chunks` is turn id → index → message id, as a test reads it; `changed` is called after."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self.chunks: dict[str, dict[int, int]] = {}
        self._authors: dict[int, tuple[str, str]] = {}
        # Turn → order, as the ledger has it of a turn that has ended.
        self.said_at: dict[str, int] = {}

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        self.chunks.setdefault(turn.id, {})[index] = message_id
        self._authors[message_id] = (turn.character, turn.id)
        self._changed()

    async def claim(self, turn: Turn, message_id: int) -> None:
        self._authors[message_id] = (turn.character, f"{turn.id}:{message_id}")

    def forget(self) -> None:
        """Lose everything, as a crash before the write does."""
        self.chunks.clear()
        self._authors.clear()

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {one: self._authors[one] for one in message_ids if one in self._authors}

    async def orders(self, turn_ids: Collection[str]) -> dict[str, int]:
        return {one: self.said_at[one] for one in turn_ids if one in self.said_at}
