"""Turns that run right now, so that a model's actions reach their room. Owns no turn's course.

What the actions are and do is in `bot.rooms.deeds`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.domain.actions import ACTIONS_LIMIT
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.errors import RefusedError
from bot.rooms.casting import Casting
from bot.rooms.policies import Policies

# Seconds. A tool call that comes before the news that its turn began waits so long for it.
BEGIN_WITHIN = 2.0


class Scene:
    """One running turn, seen from the model's tools."""

    def __init__(self, turn: Turn, character: Character) -> None:
        self.turn = turn
        self.character = character
        # Who is answered: more than one person, where others asked meanwhile.
        self.askers = frozenset({turn.asker})
        self.skipped: str | None = None
        self.acted = False
        # Its place in the queue for a mind, from 1; None while it has one.
        self.waiting: int | None = None
        # Set when a person wants it to end: what was said by then stays, with a mark.
        self.stopped = asyncio.Event()
        # What was done in this turn, tries that failed included: nothing is done twice.
        self.done: set[tuple[str, ...]] = set()
        self._taken = 0
        self._codex_turn_id: str | None = None
        self._began = asyncio.Event()

    @property
    def codex_turn_id(self) -> str | None:
        """The mind's turn that is listened to; None between two tries."""
        return self._codex_turn_id

    @codex_turn_id.setter
    def codex_turn_id(self, codex_turn_id: str | None) -> None:
        self._codex_turn_id = codex_turn_id
        if codex_turn_id is None:
            self._began.clear()
        else:
            self._began.set()

    def begin(self) -> None:
        """A new try: what an app-server that died meanwhile wanted does not count."""
        self.skipped, self.acted = None, False
        self.codex_turn_id = None

    async def check(self, codex_turn_id: str | None) -> None:
        """Raise `RefusedError` unless that turn of the mind is the one that is listened to.

        What an interrupted turn still wanted must not be done in the name of the next one. None
        passes: whoever calls without a turn is no Codex, and has a bearer.
        """
        if codex_turn_id is None:
            return
        try:
            async with asyncio.timeout(BEGIN_WITHIN):
                await self._began.wait()
        except TimeoutError:
            raise _over() from None
        if codex_turn_id != self._codex_turn_id:
            raise _over()

    def take(self) -> None:
        """One more action. Raises `RefusedError` when there were enough of them."""
        if self._taken >= ACTIONS_LIMIT:
            raise RefusedError(f"That is enough for one turn: {ACTIONS_LIMIT} actions.")
        self._taken += 1

    def stop(self) -> None:
        """A person has heard enough."""
        self.stopped.set()

    def skip(self, reason: str) -> None:
        """Decline to speak this time; what was written so far is withdrawn."""
        self.skipped = reason

    def ask_more(self) -> None:
        """The question has grown: what was declined before that may be answered now."""
        if self.skipped is not None:
            self.skipped, self.acted = None, True


class Scenes:
    """The running scene of each seat: one at a time, since a seat's turns are serial.

    Where a room is paused, or the turn's character has left it, none begins: a pause or a
    dismissal stops those that run, and one may be on its way.
    """

    def __init__(self, *, policies: Policies, casting: Casting) -> None:
        self._policies = policies
        self._casting = casting
        self._running: dict[Seat, Scene] = {}

    @contextmanager
    def play(self, turn: Turn, character: Character) -> Iterator[Scene]:
        """The scene is found by its seat for as long as this is held."""
        scene = Scene(turn, character)
        has_left = not self._casting.includes(turn.room, turn.character)
        if has_left or self._policies.is_paused(turn.room):
            scene.stop()
        self._running[turn.seat] = scene
        try:
            yield scene
        finally:
            if self._running.get(turn.seat) is scene:
                del self._running[turn.seat]

    def playing(self, seat: Seat) -> Scene | None:
        """The running scene of a seat, if there is one."""
        return self._running.get(seat)

    def stop(self, whose: Callable[[Turn], bool]) -> int:
        """Stop all that speak in such turns; gives how many did."""
        there = [scene for scene in self._running.values() if whose(scene.turn)]
        for scene in there:
            scene.stop()
        return len(there)


def _over() -> RefusedError:
    return RefusedError("This turn is over: nothing can be done in the room any more.")
