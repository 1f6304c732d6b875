"""Port of the record of messages: which character and turn wrote each message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bot.domain.turn import Turn


class MessageRecord(Protocol):
    """Records which character and turn wrote each message."""

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Record the message as chunk `index` (from 0) of the turn's answer."""
        ...

    async def claim(self, turn: Turn, message_id: int) -> None:
        """Record a message of the turn's character that is not part of the turn's answer."""
        ...

    async def authors(self, message_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Return message id → (character's key, turn's id), for messages of characters only."""
        ...

    async def orders(self, turn_ids: Collection[str]) -> Mapping[str, int]:
        """Return turn id → position of the answer; 0 while it streams; missing if unknown."""
        ...
