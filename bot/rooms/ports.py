"""What rooms need from the world: a mind, a stage, a ledger. Protocols only, no logic.

Each has a real part (Codex, Discord, Redis) and a twin in memory under `tests/fakes`, both
held to one contract suite under `tests/contract`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.domain.character import Character
from bot.domain.model_profile import ModelProfile
from bot.domain.room import Room, Seat
from bot.domain.turn import Line, MindEvent, Session, Turn, Usage
from bot.domain.utterance import Image, Utterance


class MindEvents(Protocol):
    """The events of one turn while it runs: an async iterator with one listener."""

    @property
    def usage(self) -> Usage:
        """Tokens that the turn is known to have used so far, also when it fails or is left."""
        ...

    def __aiter__(self) -> AsyncIterator[MindEvent]:
        """Itself."""
        ...

    async def __anext__(self) -> MindEvent:
        """The next event."""
        ...


class LeasedMind(Protocol):
    """A mind held for one turn: it is not evicted while it is held."""

    async def resume(self, seat: Seat, thread_id: str) -> Sequence[str]:
        """Make the thread ready to speak; nothing is sent when it already is.

        Gives the ids of its newest turns, oldest first, when it may hold some that nobody knows of:
        another process had it before, and may have died in the middle of one, or a turn was left
        before it had begun. Raises `SessionRecoveryError(thread_id)` when the thread is lost, and
        only then.
        """
        ...

    async def begin(self, seat: Seat, history: Sequence[Line]) -> str:
        """Start a new thread, tell it `history` with true roles, and give its id.

        Without history the thread is not on disk before its first turn has ended.
        """
        ...

    async def revert(self, thread_id: str, codex_turn_id: str) -> None:
        """Make the thread forget that turn and all after it. Unknown turns are no error.

        What was injected before the turn stays, what was injected after it goes with it.
        """
        ...

    async def inject(self, thread_id: str, lines: Sequence[Line]) -> None:
        """Tell the thread `lines` with true roles, after what it holds; no turn is made of it.

        Waits while a turn of the thread runs. Raises `SessionRecoveryError` when it is lost.
        """
        ...

    async def steer(self, thread_id: str, codex_turn_id: str, words: str) -> bool:
        """Add `words` to the question of the turn that runs: it is answered with them.

        False, and nothing was added: the turn is not that one, is over, or speaks already. True
        once the thread holds them; they go with the turn when it is reverted. Raises
        `TransportClosedError` when nobody knows which, because the process did not answer.
        """
        ...

    def speak(
        self, thread_id: str, words: str, images: Sequence[Image] = ()
    ) -> AbstractAsyncContextManager[MindEvents]:
        """Ask the thread to answer `words`, seen with `images`. Leaving early interrupts the turn.

        The events start with `Began` and end with `Finished`. Raises `TurnFailedError` when the
        turn fails, `TransportClosedError` when the process dies, `SessionRecoveryError` when
        the thread is gone.
        """
        ...


class Mind(Protocol):
    """What thinks for characters."""

    def fingerprint(self, character: Character) -> str:
        """What a thread of this character is started with; another one needs a new thread."""
        ...

    def profile(self, character: Character) -> ModelProfile:
        """What the character's model can take. Known for certain once it was leased."""
        ...

    def learn_window(self, character: Character, tokens: int) -> None:
        """An answer told how many tokens the character's model holds: `profile` says so now."""
        ...

    def lease(
        self, character: Character, *, on_wait: Callable[[int], None] | None = None
    ) -> AbstractAsyncContextManager[LeasedMind]:
        """Hold the character's app-server, starting one if need be.

        `on_wait` is told the place in the queue (from 1) when all are busy. Raises
        `PoolBusyError` after the queue's deadline, `CodexError` when none can be started.
        """
        ...


class Delivery(Protocol):
    """One answer on its way to a room. Made by `Stage.deliver`; used by one turn."""

    askers: frozenset[int]
    """Everybody who is answered. What Discord denies to one of them, previews of links or files,
    the answer does not bring.
    """

    async def opened(self) -> None:
        """Wait, not for long, until it is known that the room can be written to.

        Raises `RoomGoneError`; what else hinders it `finish` meets.
        """
        ...

    def show(self, text: str) -> None:
        """The whole speech so far; never blocks. May be sent, or superseded by the next one."""
        ...

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        """Bring the channel to exactly `text`, in chunks; gives their message ids in order.

        It is the take `take` (from 0) of so many. Chunks that `turn.chunks` names are edited or
        kept, never sent again.
        """
        ...

    async def withdraw(self) -> None:
        """Remove what was shown: the turn ends without an answer."""
        ...


class Stage(Protocol):
    """What a turn's words and actions reach."""

    async def require_voice(self, room: Room) -> None:
        """Return where words can be sent, as far as is known; a known place costs no request.

        Raises `NotPermittedError`, `PlaceGoneError`, `DiscordDownError`.
        """
        ...

    def deliver(self, turn: Turn, character: Character) -> AbstractAsyncContextManager[Delivery]:
        """Open the way for one answer; what was only shown when it is left stays shown."""
        ...

    def typing(self, room: Room) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show that somebody types, for as long as it is held or until what it gives is called.

        Failing to is no error.
        """
        ...

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Say something in the bot's own voice: short, and never as a character."""
        ...

    def now(self) -> datetime:
        """The time by the clock that dates messages, as far as it is known (aware).

        The host's own clock may be wrong by minutes, or be set while the bot runs.
        """
        ...

    def newest(self, room: Room) -> int | None:
        """The id of the newest message that the place is known to have; asks nobody."""
        ...

    def threads(self) -> list[Room]:
        """The active threads that are known; asks nobody."""
        ...

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        """Put a reaction under a message. Raises `NotPermittedError`, `PlaceGoneError`."""
        ...

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        """Take the bot's own reaction back; that there is none is no error."""
        ...

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        """What the place shows between two messages (both exclusive), in the talk's order.

        The newest `limit` of them. A character's chunks come as one utterance.
        """
        ...

    async def messages(self, room: Room, *, limit: int = 100) -> Mapping[int, datetime | None]:
        """The newest messages of the place, whoever wrote them and whatever they are.

        With when a person edited them last; None: never, or a bot did.
        """
        ...


class Files(Protocol):
    """What people attach, opened for a mind."""

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """The utterances with what their text files hold, and their pictures, oldest first.

        Each file's note says what came of it; a bounded number is opened, the newest ones. A file
        never raises: one that cannot be had is named, as before.
        """
        ...


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


class Casts(Protocol):
    """Who is in which room, and where each room was read up to."""

    async def cast(self, room_id: int) -> tuple[str, ...]:
        """Keys of the characters in the room, in the order they came."""
        ...

    async def add(self, room: Room, character: str) -> bool:
        """Bring a character in; False when it was there."""
        ...

    async def remove(self, room_id: int, character: str) -> bool:
        """Send it away; False when it was not there. Its session stays."""
        ...

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        """A thread's own cast is these, in this order; nobody is a cast of its own as well."""
        ...

    async def inherit(self, room_id: int) -> None:
        """The room has no cast of its own any more. Its mark stays."""
        ...

    async def rooms(self) -> list[Room]:
        """Every room with a cast of its own."""
        ...

    async def addressed(self) -> dict[int, str]:
        """Room id → the character addressed last there, for mentions of the bot."""
        ...

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        """Remember it."""
        ...

    async def summoners(self) -> dict[Seat, int]:
        """Seat → the person who summoned that character into that room."""
        ...

    async def set_summoner(self, seat: Seat, person: int) -> None:
        """Remember it."""
        ...

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        """Forget who summoned these. Safe to repeat."""
        ...

    async def mark(self, room_id: int, message_id: int) -> None:
        """The room was read up to this message. An older one than before changes nothing."""
        ...

    async def marks(self) -> dict[int, int]:
        """Room id → the newest message that was taken in."""
        ...

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Forget the marks of these rooms, and who was addressed last there."""
        ...


class Characters(Protocol):
    """The characters that can be summoned."""

    def get(self, key: str) -> Character | None:
        """By key."""
        ...

    def all(self) -> tuple[Character, ...]:
        """Every character, by name."""
        ...
