"""A character leaves a room: its running turn is stopped and its waiting turns are dropped.

Its earlier replies stay, and can still be edited and deleted. Owns the order of the steps.
"""

from __future__ import annotations

from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.rooms.casting import Casting
from bot.rooms.running_turns import RunningTurns
from bot.rooms.seats import Seats


class Leaving:
    """Sends characters away."""

    def __init__(self, *, casting: Casting, scenes: RunningTurns, seats: Seats) -> None:
        self._casting = casting
        self._scenes = scenes
        self._seats = seats

    async def dismiss(self, room: Room, key_or_name: str) -> str:
        """Send the character away and give its name; its memory stays.

        It also leaves the threads that share the channel's cast. Raises as `Casting.dismiss`; the
        later steps cannot undo the dismissal.
        """
        name = await self._casting.dismiss(room, key_or_name)
        self._scenes.stop(self._has_left)
        await self._seats.let_go(self._has_left)
        return name

    def _has_left(self, turn: Turn) -> bool:
        return not self._casting.includes(turn.room, turn.character)
