"""The turns that this process has accepted and not ended. Passive: `turns.turn_queues` writes it.

Made before the stage, which asks for the position from which on an answer may still be missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.room import Room, Seat
from bot.rooms.state.inbox import Inbox


class TurnsInHand:
    """The ids of the turns in hand, for all seats."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._ids: set[str] = set()

    @property
    def ids(self) -> frozenset[str]:
        """A snapshot of the ids."""
        return frozenset(self._ids)

    def __contains__(self, turn_id: object) -> bool:
        return turn_id in self._ids

    def add(self, turn_id: str) -> None:
        """Add the id of an accepted turn."""
        self._ids.add(turn_id)

    def drop(self, turn_ids: Iterable[str]) -> None:
        """Remove these ids; unknown ids are no error."""
        self._ids.difference_update(turn_ids)

    def open_from(self, room: Room, character: str) -> int | None:
        """Return the first message that the character may still answer in the room.

        None if it has no turn in hand there, and all messages are decided on.
        """
        prefix = f"{Seat(room.id, character)}:"
        triggers = [
            int(turn_id.removeprefix(prefix)) for turn_id in self._ids if turn_id.startswith(prefix)
        ]
        undecided = self._inbox.undecided(room)
        return min(triggers if undecided is None else [*triggers, undecided], default=None)
