"""A turn: one time that a seat is asked to speak, and what a mind says meanwhile.

Owns the record's shape and the closed union of mind events. The steps are written by the
store and taken by `bot.rooms.performance`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.editing import with_editor
from bot.domain.room import Room, Seat


class Reason(StrEnum):
    """Why a character was asked to speak, strongest first."""

    SAY = "say"
    CONTINUE = "continue"
    REPLY = "reply"
    NAMED = "named"
    BOT_MENTION = "bot_mention"
    BOUND = "bound"
    WENT_ON = "went_on"
    KEYWORD = "keyword"
    LAST = "last"
    EVERY = "every"
    CHANCE = "chance"


class TurnState(StrEnum):
    """How far a turn is. Each step is written before it is relied on."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    RECORDED = "recorded"
    DONE = "done"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Turn:
    """The record of one turn.

    `trigger` is the message being answered; with the seat it makes the id, so the same
    message can never be accepted twice for the same character.
    `asker` is the snowflake of the person who triggered it.
    `thread_id` and `codex_turn_id` are known from RUNNING on; `text` from RECORDED on. An empty
    text is an answer that is taken back.
    `chunks` are the message ids shown so far, in order; a streamed first message counts.
    `note` says why a turn was CLOSED without an answer.
    `detail` is what the reason rests on: the keyword, the number that was rolled.
    `takes` are all texts that it was ever answered with, oldest first, once there is more than
    one; `text` is the one that is shown, also while another one is being thought.
    `order` is where the answer stands in the room's talk; 0 until it was said.
    """

    room: Room
    character: str
    trigger: int
    asker: int
    reason: Reason
    accepted_at: datetime
    state: TurnState = TurnState.ACCEPTED
    thread_id: str | None = None
    codex_turn_id: str | None = None
    text: str | None = None
    chunks: tuple[int, ...] = ()
    note: str = ""
    detail: str = ""
    takes: tuple[str, ...] = ()
    order: int = 0
    edits: tuple[tuple[str, str], ...] = ()
    """Texts that a person wrote by *Edit reply*, each with that person's name."""
    along: tuple[int, ...] = ()
    """Other people who were answered together with `asker`, by snowflake; from RECORDED on."""

    @property
    def shown_text(self) -> str:
        """The text as the room shows it: with the editor's name below words of a person."""
        text, editor = self.text or "", dict(self.edits).get(self.text or "")
        return with_editor(text, editor) if editor is not None else text

    @property
    def id(self) -> str:
        """`room:character:trigger`."""
        return f"{self.room.id}:{self.character}:{self.trigger}"

    @property
    def seat(self) -> Seat:
        """The seat that speaks."""
        return Seat(self.room.id, self.character)

    @property
    def to_think(self) -> bool:
        """A mind is still to be asked: there is no text of record yet, or another one is wanted."""
        return self.state in (TurnState.ACCEPTED, TurnState.RUNNING)

    @property
    def has_ended(self) -> bool:
        """Nothing of it is still to come."""
        return self.state in (TurnState.DONE, TurnState.CLOSED)

    @property
    def is_retake(self) -> bool:
        """It was answered, and is asked once more: the answer goes where the old one is shown."""
        return self.to_think and bool(self.takes)

    def again(self, at: datetime) -> Turn:
        """This answered turn, to be thought once more; for `Seats.reopen`."""
        return replace(
            self,
            state=TurnState.ACCEPTED,
            accepted_at=at,
            codex_turn_id=None,
            takes=self.takes or (self.text or "",),
            note="",
        )

    def reworded(self, text: str, at: datetime) -> Turn:
        """This answered turn, to be shown as `text` (empty: taken back); for `Seats.reopen`.

        Its takes stay: give them beside it when they change.
        """
        return replace(self, state=TurnState.RECORDED, accepted_at=at, text=text, note="")

    def put_back(self) -> Turn:
        """A retake that came to nothing: what was shown before is shown again."""
        takes = self.takes if len(self.takes) > 1 else ()
        return replace(self, state=TurnState.RECORDED, takes=takes)


@dataclass(frozen=True, slots=True)
class Told:
    """One turn as its thread holds it: what it was told, and the character's answer.

    What others said after `since` up to `upto` (orders) was the question; `turn` is our turn's id,
    whose answer the thread knows as its own; empty, when it failed and is still to be forgotten.
    Without a `codex_turn_id` the answer was not made in this thread but injected: it is known, and
    cannot be taken back to. `ahead` are messages that were told though they stand after `upto`:
    something before them was not ready to be told. `messages` are the newest that it was told of
    others, as they read at `at` (unix seconds).
    """

    codex_turn_id: str
    turn: str
    since: int
    upto: int
    ahead: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()
    at: float = 0.0

    @property
    def reach(self) -> int:
        """The last that it was told."""
        return max((self.upto, *self.ahead))


@dataclass(frozen=True, slots=True)
class Session:
    """Seat → Codex thread. `fingerprint` is what the thread was started with.

    `cursor` is the order of the last utterance that the thread was told (0: none). `told` are its
    newest turns, oldest first. From `cut` on (an order; 0: nowhere) the thread holds what is not
    so any more: it is taken back that far before it is asked again. `mending`: that was begun, so
    what the thread holds is not known. `trimmed`: older turns of the thread are not in `told` any
    more. The thread's last turn always is. `blind`: the model refused pictures here once, and is
    shown none. `held` is how many tokens the thread holds; 0 when that is not known.
    """

    thread_id: str
    fingerprint: str
    cursor: int = 0
    told: tuple[Told, ...] = ()
    cut: int = 0
    mending: bool = False
    trimmed: bool = False
    blind: bool = False
    held: int = 0

    def anew(self, fingerprint: str) -> Session:
        """No thread yet. What another model, or another character, refused is no rule for this."""
        return Session("", fingerprint, blind=self.blind and self.fingerprint == fingerprint)

    @property
    def ahead(self) -> frozenset[int]:
        """Messages that it was told though its cursor has not come to them."""
        return frozenset(one for told in self.told for one in told.ahead)

    @property
    def reach(self) -> int:
        """The last that it was told."""
        return max((self.cursor, *self.ahead))


@dataclass(frozen=True, slots=True)
class Line:
    """One item of replayed history. `own` lines were said by the character itself."""

    text: str
    own: bool


# --- what a mind says while it speaks: a closed union, matched to the end -------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The turn runs in the mind under this id."""

    codex_turn_id: str


@dataclass(frozen=True, slots=True)
class Words:
    """More text of the speech that is being made; to be appended to what was shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """The words since the last `Settled` are void: the model's stream was cut and starts anew."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The text of record of one piece of speech. Replaces the words since the last one."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one turn, over all its requests to the model.

    `context_window` is how much the model can hold; None when that is not known. `held` is what its
    last request read and wrote: so much the thread holds now.
    """

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    context_window: int | None = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn is over and was good. Failures are raised as `TurnFailedError` instead."""

    usage: Usage = field(default_factory=Usage)


MindEvent = Began | Words | Retracted | Settled | Finished
