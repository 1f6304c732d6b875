"""What rooms need of the store for turns and sessions. A protocol only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn


class Ledger(Protocol):
    """The record of turns and sessions. Every write is safe to repeat."""

    async def run_id(self) -> str:
        """The store's name of its own process: another one after each of its starts."""
        ...

    async def accept(self, turn: Turn) -> bool:
        """Write a new turn; False when this very turn was accepted before."""
        ...

    async def reopen(self, turn: Turn) -> bool:
        """A DONE turn goes on as it is given now: ACCEPTED or RECORDED, and unfinished again.

        False when it is not there, not DONE, or was reopened by another.
        """
        ...

    async def run(self, turn: Turn) -> None:
        """RUNNING, with the thread and the mind's id of the turn."""
        ...

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """RECORDED, with the text: from here on it is delivered, not thought again.

        In one write with the `session` that holds it, and with those that were `joined` to it
        and end here.
        """
        ...

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Chunk `index` (from 0) is shown as this message, which now belongs to the character."""
        ...

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """DONE or CLOSED; it leaves the list of unfinished ones. Of a DONE one, `turn.chunks` stay.

        In one write with `session` and `joined`, as `record`.
        """
        ...

    async def unfinished(self) -> list[Turn]:
        """Turns that are neither DONE nor CLOSED, oldest first."""
        ...

    async def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id; None when it was never there, or is too old to be kept."""
        ...

    async def turn_of(self, message_id: int) -> Turn | None:
        """The turn that this message is part of, by the record."""
        ...

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """The same for many at once; messages that are part of none are left out."""
        ...

    async def claimed_in(self, message_id: int) -> Turn | None:
        """The turn in which this message was sent apart from its answer: a poll, a file."""
        ...

    async def speaker_of(self, message_id: int) -> str | None:
        """The key of the character whose message this is, by the record."""
        ...

    async def session(self, seat: Seat) -> Session | None:
        """The seat's session."""
        ...

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, all but its cut: that is `cut`'s and `mend`'s."""
        ...

    async def mend(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, and take out its cut, unless another one has come."""
        ...

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        """What the room showed from `order` on has changed: the threads that heard it are cut.

        Heard by those whose cursor is there, and by the characters that are being `asked` right
        now. An earlier cut holds. `spared` is the character whose thread knows already.
        """
        ...

    async def drop_session(self, seat: Seat) -> None:
        """Forget the seat's session: its next turn starts a new thread."""
        ...
