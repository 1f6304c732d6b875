"""Running turns as a model's tools see them, so that an action reaches the right room.

Owns which Codex turn may call tools, and the stop of a running turn. `bot.rooms.actions.service`
owns the actions; `bot.rooms.runs.turn_run` owns the steps of a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.action_refusals import TURN_OVER, TooManyActions
from bot.domain.actions import ACTIONS_LIMIT
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.errors import RefusedError
from bot.rooms.state.casting import Casting
from bot.rooms.state.policies import Policies

# Seconds that a tool call waits if the call arrives before the `Began` event of the turn.
BEGIN_WITHIN = 2.0


class RunningTurn:
    """A turn whose model is being asked, as tools read and change it.

    `turn` is the record at the start of the run; its room, reason, trigger and id do not change.
    """

    def __init__(self, turn: Turn, character: Character) -> None:
        self.turn = turn
        self.character = character
        # Snowflakes of the people who are answered: several, where turns have joined.
        self.askers = frozenset({turn.asker})
        # Why the model declined to speak; None unless it did.
        self.skipped: str | None = None
        # Whether an action counts as the answer, so that the turn may end without words.
        self.acted = False
        # Place in the queue for a leased mind, from 1; None while the turn is not queued.
        self.waiting: int | None = None
        # Set when a person stops the turn: words said by then stay, with a mark.
        self.stopped = asyncio.Event()
        # Actions of this turn, those of failed attempts included: no action is repeated.
        self.done: set[tuple[str, ...]] = set()
        self._taken = 0
        self._codex_turn_id: str | None = None
        self._began = asyncio.Event()

    @property
    def codex_turn_id(self) -> str | None:
        """The Codex turn that is listened to; None between two attempts."""
        return self._codex_turn_id

    @codex_turn_id.setter
    def codex_turn_id(self, codex_turn_id: str | None) -> None:
        self._codex_turn_id = codex_turn_id
        if codex_turn_id is None:
            self._began.clear()
        else:
            self._began.set()

    def begin(self) -> None:
        """Begin an attempt: a skip or an action of an app-server that died does not count."""
        self.skipped, self.acted = None, False
        self.codex_turn_id = None

    async def check(self, codex_turn_id: str | None) -> None:
        """Raise `RefusedError` unless that Codex turn is listened to.

        An interrupted Codex turn must not act in the name of the next. None passes: a caller
        without a turn is no Codex, and has shown a bearer.
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
        """Count an action. Raises `RefusedError` once `ACTIONS_LIMIT` actions were taken."""
        if self._taken >= ACTIONS_LIMIT:
            raise RefusedError(TooManyActions(ACTIONS_LIMIT))
        self._taken += 1

    def stop(self) -> None:
        """Stop the turn for a person."""
        self.stopped.set()

    def skip(self, reason: str) -> None:
        """Decline to speak this time; words shown so far are withdrawn."""
        self.skipped = reason

    def ask_more(self) -> None:
        """Take a skip for an answer to the old prompt: the model may still answer the addition."""
        if self.skipped is not None:
            self.skipped, self.acted = None, True


class RunningTurns:
    """The running turn of each seat: one at a time, since a seat's turns are serial.

    A turn of a paused room, or of a character that has left the room, is stopped as it begins: the
    pause or the dismissal has stopped only turns that were running by then.
    """

    def __init__(self, *, policies: Policies, casting: Casting) -> None:
        self._policies = policies
        self._casting = casting
        self._running: dict[Seat, RunningTurn] = {}

    @contextmanager
    def play(self, turn: Turn, character: Character) -> Iterator[RunningTurn]:
        """Have the turn found by its seat until this is left."""
        running = RunningTurn(turn, character)
        has_left = not self._casting.includes(turn.room, turn.character)
        if has_left or self._policies.is_paused(turn.room):
            running.stop()
        self._running[turn.seat] = running
        try:
            yield running
        finally:
            if self._running.get(turn.seat) is running:
                del self._running[turn.seat]

    def playing(self, seat: Seat) -> RunningTurn | None:
        """Return the seat's running turn; None if no model is being asked."""
        return self._running.get(seat)

    def stop(self, whose: Callable[[Turn], bool]) -> int:
        """Stop all running turns that `whose` chooses, and return their number."""
        chosen = [running for running in self._running.values() if whose(running.turn)]
        for running in chosen:
            running.stop()
        return len(chosen)


def _over() -> RefusedError:
    return RefusedError(TURN_OVER)
