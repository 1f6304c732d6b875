"""Whether a character is awake, and getting it ready. Owns no process: it asks those who do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.character import Character
from bot.domain.room import Room, Seat
from bot.message_data import Message
from bot.messages.casts import ASLEEP, AWAKE, SPEAKING, Waiting
from bot.rooms.scenes import Scenes

Prepare = Callable[[Room, Character], Awaitable[None]]


class Presence:
    """What people may know of a character's mind: awake, asleep, speaking, waiting."""

    def __init__(self, *, scenes: Scenes, awake: Callable[[str], bool], prepare: Prepare) -> None:
        self._scenes = scenes
        self._awake = awake
        self._prepare = prepare

    def state(self, seat: Seat) -> Message:
        """In a word or two, for `/cast`."""
        scene = self._scenes.playing(seat)
        if scene is not None and scene.waiting is not None:
            return Waiting(scene.waiting)
        if scene is not None:
            return SPEAKING
        return AWAKE if self._awake(seat.character) else ASLEEP

    async def prepare(self, room: Room, character: Character) -> None:
        """Have its face and its way into the room ready before it speaks."""
        await self._prepare(room, character)
