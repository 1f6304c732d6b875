"""What rooms need from the store for turns and sessions. A protocol only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn


class Ledger(Protocol):
    """The record of turns and sessions. Every write is idempotent."""

    async def run_id(self) -> str:
        """Return the id of the store's own process, which changes with each of its starts."""
        ...

    async def accept(self, turn: Turn) -> bool:
        """Write a new turn; return False if a turn of this id was accepted before."""
        ...

    async def reopen(self, turn: Turn) -> bool:
        """Replace a DONE turn by `turn`, ACCEPTED or RECORDED, which makes it unfinished again.

        Returns False if the stored turn is missing, not DONE, or was reopened meanwhile.
        """
        ...

    async def run(self, turn: Turn) -> None:
        """Write the turn as RUNNING, with its Codex thread and Codex turn id."""
        ...

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write the turn as RECORDED, with its text: the model is not asked again.

        A single atomic write, which includes the `session` that holds the turn, and ends the
        turns that were `joined` to it.
        """
        ...

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Record that chunk `index` (from 0) is this message, which the character now owns."""
        ...

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write the turn as DONE or CLOSED, and drop it from the list of unfinished turns.

        A DONE turn keeps `turn.chunks`. A single atomic write with `session` and `joined`, as
        `record`.
        """
        ...

    async def unfinished(self) -> list[Turn]:
        """Return the turns that are neither DONE nor CLOSED, oldest first."""
        ...

    async def turn(self, turn_id: str) -> Turn | None:
        """Return the turn of that id; None if it never existed or its record has expired."""
        ...

    async def turn_of(self, message_id: int) -> Turn | None:
        """Return the turn whose answer contains this message, by the record; None if unknown."""
        ...

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """Return message id → turn, as `turn_of`, without messages that belong to no answer."""
        ...

    async def claimed_in(self, message_id: int) -> Turn | None:
        """Return the turn that sent this poll or file, which is no part of the turn's answer."""
        ...

    async def speaker_of(self, message_id: int) -> str | None:
        """Return the key of the character that owns this message; None if none is recorded."""
        ...

    async def session(self, seat: Seat) -> Session | None:
        """Return the seat's session; None if there is none."""
        ...

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, without the field `cut`: only `cut` and `mend` change it."""
        ...

    async def mend(self, seat: Seat, session: Session) -> None:
        """Write the seat's session and clear its `cut`, unless a newer cut has been written."""
        ...

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        """Mark the room's Codex threads that have seen positions from `order` on as stale from it.

        Marks the sessions whose reach is at `order` or later, and those of the characters that
        are being `asked` right now. An earlier cut stays. The session of `spared`, whose Codex
        thread already knows of the change, is not marked.
        """
        ...

    async def drop_session(self, seat: Seat) -> None:
        """Delete the seat's session: its next turn starts a new Codex thread."""
        ...
