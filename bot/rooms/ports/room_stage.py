"""The stage with the upkeep of its places. A protocol only; its twin is in `tests/fakes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.rooms.ports.stage import Stage


class RoomStage(Stage, Protocol):
    """A `Stage` that also prepares, repairs and forgets what it keeps for a place."""

    async def prepare(self, room: Room, character: Character) -> None:
        """Have the character's face and its way into the room ready. Failing to is no error."""
        ...

    async def discard(self, room: Room, message_id: int) -> None:
        """Delete one message of the bot or of its webhook. Raises `NotPermittedError`."""
        ...

    async def unrecorded(self, room: Room, message_id: int) -> Turn | None:
        """Rebuild from what the room shows the turn of a message whose record is lost.

        None when no character of the room said it. Raises `RefusedError` where the room does not
        show what the message answers.
        """
        ...

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        """Forget what is kept for places that were deleted. Raises `StoreError`."""
        ...
