"""The questions that a model is being asked right now. Passive state: `bot.rooms.thinking` writes.

Made before its readers: edit propagation has to know which characters were told of a message that
changes, and a model turn waits until edit propagation has settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.room import Room, Seat
from bot.domain.turn import Turn
from bot.rooms.act import Act


class OpenQuestions:
    """The running question of each seat: one at a time, since a seat's turns are serial."""

    def __init__(self) -> None:
        self._acts: dict[Seat, Act] = {}

    @contextmanager
    def hold(self, act: Act) -> Iterator[None]:
        """Have the question found by its seat for as long as this is held."""
        seat = act.turn.seat
        self._acts[seat] = act
        try:
            yield
        finally:
            del self._acts[seat]

    def of(self, seat: Seat) -> Act | None:
        """Return what the seat is being asked; None when it is asked nothing."""
        return self._acts.get(seat)

    def asked(self, room_id: int, order: int) -> frozenset[str]:
        """Return the characters of that room that are asked with a message from `order` on."""
        return frozenset(
            seat.character
            for seat, act in self._acts.items()
            if seat.room_id == room_id and act.scope.reach >= order
        )

    def unbegun(self, room: Room) -> list[Turn]:
        """Return the turns that are thought in that room and of which no word was shown."""
        return [
            act.turn
            for seat, act in self._acts.items()
            if seat.room_id == room.id and act.first_words is None and not act.finished
        ]
