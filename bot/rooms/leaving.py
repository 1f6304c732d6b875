"""A character leaves a room: what it says there ends, and what waits for it is let go.

What it said before stands, and can still be edited and taken back. Owns the order of the steps.
"""

from __future__ import annotations

from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.rooms.casting import Casting
from bot.rooms.scenes import Scenes
from bot.rooms.seats import Seats


class Leaving:
    """Sends characters away."""

    def __init__(self, *, casting: Casting, scenes: Scenes, seats: Seats) -> None:
        self._casting = casting
        self._scenes = scenes
        self._seats = seats

    async def dismiss(self, room: Room, key_or_name: str) -> str:
        """Send the character away and give its name; its memory stays.

        Also from the threads that have their channel's cast. Raises as `Casting.dismiss`; what
        comes after that cannot fail the dismissal.
        """
        name = await self._casting.dismiss(room, key_or_name)
        self._scenes.stop(self._has_left)
        await self._seats.let_go(self._has_left)
        return name

    def _has_left(self, turn: Turn) -> bool:
        return not self._casting.includes(turn.room, turn.character)
