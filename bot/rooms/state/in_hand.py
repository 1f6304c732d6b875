"""The turns that this process has accepted and not ended. Passive: `turns.turn_queues` writes it.

Made before the stage, which asks from where on an answer may still be on its way.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.room import Room, Seat
from bot.rooms.state.inbox import Inbox


class TurnsInHand:
    """The ids of the turns in hand, of all seats."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._ids: set[str] = set()

    @property
    def ids(self) -> frozenset[str]:
        """The ids as they are now."""
        return frozenset(self._ids)

    def __contains__(self, turn_id: object) -> bool:
        return turn_id in self._ids

    def add(self, turn_id: str) -> None:
        """Take a turn in hand."""
        self._ids.add(turn_id)

    def drop(self, turn_ids: Iterable[str]) -> None:
        """Let these turns go; unknown ones are no error."""
        self._ids.difference_update(turn_ids)

    def open_from(self, room: Room, character: str) -> int | None:
        """Return the message from which on an answer of that character may be on its way there.

        None where it has nothing in hand, and all that was said is decided on.
        """
        seat = f"{Seat(room.id, character)}:"
        asked = [int(turn.removeprefix(seat)) for turn in self._ids if turn.startswith(seat)]
        undecided = self._inbox.undecided(room)
        return min(asked if undecided is None else [*asked, undecided], default=None)
