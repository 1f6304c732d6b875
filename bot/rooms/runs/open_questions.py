"""The model turns under way: which turns have a prompt that is being built or answered.

Passive state, written by `model_turns`. Edit propagation reads which characters may have been told
of a message that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.domain.room import Room, Seat
from bot.domain.turn import Turn
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.runs.turn_run import TurnRun

Show = Callable[[str], None]
"""Shows the whole answer so far; never blocks."""


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """A turn run whose model is being asked, and where its actions and words go."""

    run: TurnRun
    running: RunningTurn
    show: Show


class OpenQuestions:
    """The model turn of each seat: one at a time, since a seat's turns are serial."""

    def __init__(self) -> None:
        self._model_turns: dict[Seat, ModelTurn] = {}

    @contextmanager
    def hold(self, model_turn: ModelTurn) -> Iterator[None]:
        """Have the model turn found by its seat until this is left."""
        seat = model_turn.run.turn.seat
        self._model_turns[seat] = model_turn
        try:
            yield
        finally:
            del self._model_turns[seat]

    def of(self, seat: Seat) -> ModelTurn | None:
        """Return the seat's model turn; None if its model is not being asked."""
        return self._model_turns.get(seat)

    def asked(self, room_id: int, order: int) -> frozenset[str]:
        """Return the characters of the room whose prompt may hold messages from `order` on."""
        return frozenset(
            seat.character
            for seat, model_turn in self._model_turns.items()
            if seat.room_id == room_id and model_turn.run.attempt.window.reach >= order
        )

    def unbegun(self, room: Room) -> list[Turn]:
        """Return the room's turns whose model is being asked and of which no word was shown."""
        return [
            model_turn.run.turn
            for seat, model_turn in self._model_turns.items()
            if seat.room_id == room.id
            and not model_turn.run.has_shown_words
            and not model_turn.run.attempt.finished
        ]
