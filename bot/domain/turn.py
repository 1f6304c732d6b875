"""A turn: one time that a seat is asked to speak, and what a mind says meanwhile.

Owns the record's shape and the closed union of mind events. The steps are written by the
store and taken by `bot.rooms.turn_runner`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.editing import with_editor
from bot.domain.room import Room, Seat
from bot.domain.takes import Take, with_room_for_one


class Reason(StrEnum):
    """Why a character was asked to speak, strongest first."""

    SAY = "say"
    CONTINUE = "continue"
    """Of older records: a reply went on in a turn of its own."""
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
    `takes` are all answers that are kept of it, oldest first, once there is more than one, and
    `take` is the place (from 0) of the one that is shown, whose words are `text`; also while
    another one is being thought.
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
    takes: tuple[Take, ...] = ()
    take: int = 0
    editor: str = ""
    """The name of the person who wrote `text` by *Edit reply*; empty: the character did."""
    continued: bool = False
    """Whether `text` went on when a person asked for more."""
    goes_on: bool = False
    """Whether it is asked to go on where `text` ends, rather than to answer anew."""
    order: int = 0
    along: tuple[int, ...] = ()
    """Other people who were answered together with `asker`, by snowflake; from RECORDED on."""

    @property
    def shown_text(self) -> str:
        """The text as the room shows it: with the editor's name below words of a person."""
        text = self.text or ""
        return with_editor(text, self.editor) if self.editor else text

    @property
    def answer(self) -> Take:
        """What is shown of it, as a take."""
        return Take(self.text or "", self.editor, self.continued)

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
            takes=self.takes or (self.answer,),
            goes_on=False,
            note="",
        )

    def more(self, at: datetime) -> Turn:
        """This answered turn, to go on where its text ends; for `Seats.reopen`."""
        return replace(self.again(at), goes_on=True)

    def as_shown(self, at: datetime) -> Turn:
        """This answered turn, to be shown once more as it is; for `Seats.reopen`."""
        return replace(self, state=TurnState.RECORDED, accepted_at=at, goes_on=False, note="")

    def taken_back(self, at: datetime) -> Turn:
        """This answered turn, to be shown no more; for `Seats.reopen`."""
        return replace(self.as_shown(at), text="")

    def edited(self, text: str, at: datetime, *, by: str = "") -> Turn:
        """This answered turn, its shown take put as `text` by a person; for `Seats.reopen`."""
        return _with_answer(self.as_shown(at), Take(text, editor=by))

    def choosing(self, place: int, at: datetime) -> Turn:
        """This answered turn, to show another take (its place, from 0); for `Seats.reopen`."""
        return _with_answer(replace(self.as_shown(at), take=place), self.takes[place])

    def answered(self, text: str) -> Turn:
        """RECORDED with the whole `text` that a mind said.

        It is a take of its own where there are others; what went on takes the place of what it
        goes on from, whoever wrote that.
        """
        if self.goes_on:
            return _with_answer(self.put_back(), Take(text, self.editor, continued=True))
        said = replace(
            self, state=TurnState.RECORDED, text=text, editor="", continued=False, goes_on=False
        )
        if not self.takes:
            return said
        takes = with_room_for_one(self.takes, self.take)
        return replace(said, takes=(*takes, said.answer), take=len(takes))

    def put_back(self) -> Turn:
        """A retake that came to nothing: what was shown before is shown again."""
        takes = self.takes if len(self.takes) > 1 else ()
        return replace(self, state=TurnState.RECORDED, takes=takes, goes_on=False)


def _with_answer(turn: Turn, answer: Take) -> Turn:
    """`turn` with this in the place of the take that is shown."""
    takes = tuple(answer if place == turn.take else take for place, take in enumerate(turn.takes))
    return replace(
        turn, text=answer.text, editor=answer.editor, continued=answer.continued, takes=takes
    )


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
