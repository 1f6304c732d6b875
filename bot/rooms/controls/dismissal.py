"""Dismisses a character: stops its running turn in the room, and drops its waiting turns.

Its earlier replies stay, and can still be edited and deleted. Owns the order of the steps.
"""

from __future__ import annotations

from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.rooms.runs.running_turns import RunningTurns
from bot.rooms.state.casting import Casting
from bot.rooms.turns.turn_queues import TurnQueues


class Dismissal:
    """Dismisses characters from rooms."""

    def __init__(
        self, *, casting: Casting, running_turns: RunningTurns, turn_queues: TurnQueues
    ) -> None:
        self._casting = casting
        self._running_turns = running_turns
        self._turn_queues = turn_queues

    async def dismiss(self, room: Room, key_or_name: str) -> str:
        """Dismiss the character and return its name; its memory stays.

        It also leaves Discord threads that inherit the channel's cast. Raises as
        `Casting.dismiss`; a failure in a later step does not undo the dismissal.
        """
        name = await self._casting.dismiss(room, key_or_name)
        self._running_turns.stop(self._has_left)
        await self._turn_queues.let_go(self._has_left)
        return name

    def _has_left(self, turn: Turn) -> bool:
        return not self._casting.includes(turn.room, turn.character)
