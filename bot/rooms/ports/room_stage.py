"""The stage, with preparation and cleanup of places. A protocol only; twin in `tests/fakes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.rooms.ports.stage import Stage


class RoomStage(Stage, Protocol):
    """A `Stage` that also prepares and drops its state of a place, and rebuilds lost turns."""

    async def prepare(self, room: Room, character: Character) -> None:
        """Prepare the character's avatar and the room's webhook. A failure is no error."""
        ...

    async def discard(self, room: Room, message_id: int) -> None:
        """Delete one message of the bot or of its webhook. Raises `NotPermittedError`."""
        ...

    async def unrecorded(self, room: Room, message_id: int) -> Turn | None:
        """Rebuild the turn of a message whose record is lost, from the room's history.

        None if no character of the room wrote the message. Raises `RefusedError` if the history
        does not show which message it answers.
        """
        ...

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        """Drop the state of deleted places. Raises `StoreError`."""
        ...
