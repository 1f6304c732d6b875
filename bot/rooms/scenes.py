"""Turns that run right now, so that a model's actions reach their room. Owns no turn's course."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.errors import RefusedError
from bot.rooms.ports import Stage


class Scene:
    """One running turn, seen from the model's tools."""

    def __init__(self, turn: Turn, character: Character, stage: Stage) -> None:
        self.turn = turn
        self.character = character
        self.skipped: str | None = None
        self.acted = False
        # Its place in the queue for a mind, from 1; None while it has one.
        self.waiting: int | None = None
        # Set when a person wants it to end: what was said by then stays, with a mark.
        self.stopped = asyncio.Event()
        self._stage = stage

    def begin(self) -> None:
        """A new try: what an app-server that died meanwhile wanted does not count."""
        self.skipped, self.acted = None, False

    async def react(self, emoji: str) -> None:
        """React to the message that is being answered. Raises what `Stage.react` raises."""
        await self._stage.react(self.turn.room, self.turn.trigger, emoji)
        self.acted = True

    def stop(self) -> None:
        """A person has heard enough."""
        self.stopped.set()

    def skip(self, reason: str) -> None:
        """Decline to speak this time; what was written so far is withdrawn."""
        self.skipped = reason


class Scenes:
    """The running scene of each seat: one at a time, since a seat's turns are serial."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._running: dict[Seat, Scene] = {}

    @contextmanager
    def play(self, turn: Turn, character: Character) -> Iterator[Scene]:
        """The scene is found by its seat for as long as this is held."""
        scene = Scene(turn, character, self._stage)
        self._running[turn.seat] = scene
        try:
            yield scene
        finally:
            if self._running.get(turn.seat) is scene:
                del self._running[turn.seat]

    def at(self, seat: Seat) -> Scene:
        """The running scene of a seat. Raises `RefusedError` when its turn is over."""
        scene = self._running.get(seat)
        if scene is None:
            raise RefusedError("This turn is over: nothing can be done in the room any more.")
        return scene

    def playing(self, seat: Seat) -> Scene | None:
        """The running scene of a seat, if there is one."""
        return self._running.get(seat)

    def stop(self, room_id: int) -> int:
        """Stop all that speak in a room; gives how many did."""
        there = [scene for seat, scene in self._running.items() if seat.room_id == room_id]
        for scene in there:
            scene.stop()
        return len(there)
