"""Whether a character is awake, and getting it ready. Owns no process: it asks those who do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.character import Character
from bot.domain.room import Room, Seat
from bot.rooms.room_stage import RoomStage
from bot.rooms.scenes import Scenes

Prepare = Callable[[Room, Character], Awaitable[None]]


class Presence:
    """What people may know of a character's mind: awake, asleep, speaking, waiting."""

    def __init__(self, *, scenes: Scenes, stage: RoomStage, awake: Callable[[str], bool]) -> None:
        self._scenes = scenes
        self._awake = awake
        self._stage = stage

    def state(self, seat: Seat) -> str:
        """In a word or two, for `/cast`."""
        scene = self._scenes.playing(seat)
        if scene is not None and scene.waiting is not None:
            return f"waiting for a free mind (place {scene.waiting})"
        if scene is not None:
            return "speaking"
        return "awake" if self._awake(seat.character) else "asleep"

    async def prepare(self, room: Room, character: Character) -> None:
        """Have its face and its way into the room ready before it speaks."""
        await self._stage.prepare(room, character)
