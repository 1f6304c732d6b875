"""What the stage asks of the record of messages: whose each one is. Owns the port only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bot.domain.turn import Turn


class MessageRecord(Protocol):
    """Whose message is whose."""

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Chunk `index` (from 0) of the turn is shown as this message."""
        ...

    async def claim(self, turn: Turn, message_id: int) -> None:
        """This message is the character's too, but no part of the turn's answer."""
        ...

    async def authors(self, message_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Message → (character's key, turn's id), for those that a character said."""
        ...

    async def orders(self, turn_ids: Collection[str]) -> Mapping[str, int]:
        """Turn → its order, for those that were said; 0 for those that are being said."""
        ...
