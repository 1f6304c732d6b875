"""Process state of characters for `/cast`, and preparing a character. Owns no process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.character import Character
from bot.domain.room import Room, Seat
from bot.message_data import Message
from bot.messages.casts import ASLEEP, AWAKE, SPEAKING, Waiting
from bot.rooms.ports.room_stage import RoomStage
from bot.rooms.runs.running_turns import RunningTurns

Prepare = Callable[[Room, Character], Awaitable[None]]


class ProcessState:
    """Tells whether a character is awake, asleep, speaking or waiting for an app-server."""

    def __init__(
        self, *, running_turns: RunningTurns, stage: RoomStage, awake: Callable[[str], bool]
    ) -> None:
        self._running_turns = running_turns
        self._awake = awake
        self._stage = stage

    def state(self, seat: Seat) -> Message:
        """Return the seat's state in a word or two, for `/cast`."""
        running = self._running_turns.playing(seat)
        if running is not None and running.waiting is not None:
            return Waiting(running.waiting)
        if running is not None:
            return SPEAKING
        return AWAKE if self._awake(seat.character) else ASLEEP

    async def prepare(self, room: Room, character: Character) -> None:
        """Prepare the character's avatar and webhook in the room before it speaks."""
        await self._stage.prepare(room, character)
