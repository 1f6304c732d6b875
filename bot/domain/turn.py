"""Turns, sessions and the events of a mind: records and a closed union. Owns their shape only.

A turn is an occasion on which a seat is asked to speak. `bot.rooms.turns.turn_runner` runs the
steps of a turn; the store writes them.
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
    """In older records only: a turn of its own that continued a reply."""
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
    """Progress of a turn. Each step is stored before anything relies on it."""

    ACCEPTED = "accepted"
    """Waits in the seat's queue."""
    RUNNING = "running"
    """A mind works on the answer."""
    RECORDED = "recorded"
    """The answer's text is stored; delivery is in progress."""
    DONE = "done"
    """Over: the answer is delivered, or the turn rightly ended without words."""
    CLOSED = "closed"
    """Over: failed, dropped, too old, or its answer was retracted."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The record of a turn."""

    room: Room
    character: str
    """The character's key."""
    trigger: int
    """Id of the message to answer. Part of the turn's id, so that accepting is idempotent."""
    asker: int
    """Snowflake of the person who caused the turn."""
    reason: Reason
    accepted_at: datetime
    state: TurnState = TurnState.ACCEPTED
    thread_id: str | None = None
    """Id of the Codex thread; known from RUNNING on."""
    codex_turn_id: str | None = None
    """Codex's id of the turn; known from RUNNING on."""
    text: str | None = None
    """Text of record, from RECORDED on; empty: the answer was retracted."""
    chunks: tuple[int, ...] = ()
    """Ids of the answer's messages so far, in order, including a message still streaming."""
    note: str = ""
    """Why the turn ended, DONE or CLOSED, without new words; empty if it spoke or only acted."""
    detail: str = ""
    """Evidence for the reason: the keyword, the number rolled."""
    takes: tuple[Take, ...] = ()
    """All alternatives kept, oldest first; empty while there is only a single answer."""
    take: int = 0
    """Index of the alternative that is shown, whose text is `text`, even during a regeneration."""
    editor: str = ""
    """Name of the person who wrote `text` by *Edit reply*; empty: the character wrote it."""
    continued: bool = False
    """Whether `text` was continued at a person's request."""
    goes_on: bool = False
    """Whether the turn is to continue `text` rather than to answer again."""
    order: int = 0
    """Position of the answer in the room's talk; 0 until delivered."""
    along: tuple[int, ...] = ()
    """Snowflakes of other people who were answered together with `asker`; from RECORDED on."""

    @property
    def shown_text(self) -> str:
        """The text as the room shows it, with the editor's name below an edited text."""
        text = self.text or ""
        return with_editor(text, self.editor) if self.editor else text

    @property
    def answer(self) -> Take:
        """The current answer as an alternative."""
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
        """Whether a mind still has to answer: for the first time, again, or with more."""
        return self.state in (TurnState.ACCEPTED, TurnState.RUNNING)

    @property
    def has_ended(self) -> bool:
        """Whether the turn is over: DONE or CLOSED."""
        return self.state in (TurnState.DONE, TurnState.CLOSED)

    @property
    def is_regeneration(self) -> bool:
        """Whether the turn is a regeneration, whose answer replaces the old answer's messages."""
        return self.to_think and bool(self.takes)

    def again(self, at: datetime) -> Turn:
        """Return this answered turn, reopened for a regeneration."""
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
        """Return this answered turn, reopened to continue its text."""
        return replace(self.again(at), goes_on=True)

    def as_shown(self, at: datetime) -> Turn:
        """Return this answered turn, reopened to deliver its text again."""
        return replace(self, state=TurnState.RECORDED, accepted_at=at, goes_on=False, note="")

    def taken_back(self, at: datetime) -> Turn:
        """Return this answered turn, reopened to retract its answer."""
        return replace(self.as_shown(at), text="")

    def edited(self, text: str, at: datetime, *, by: str = "") -> Turn:
        """Return this answered turn, reopened with `text` edited in by a person named `by`."""
        return _with_answer(self.as_shown(at), Take(text, editor=by))

    def choosing(self, place: int, at: datetime) -> Turn:
        """Return this answered turn, reopened to show the alternative at index `place`."""
        return _with_answer(replace(self.as_shown(at), take=place), self.takes[place])

    def answered(self, text: str) -> Turn:
        """Return the turn RECORDED with the mind's whole answer `text`.

        A regenerated answer becomes a further alternative. A continued answer replaces the answer
        that it continues and keeps that answer's editor.
        """
        if self.goes_on:
            return _with_answer(self.put_back(), Take(text, self.editor, continued=True))
        recorded = replace(
            self, state=TurnState.RECORDED, text=text, editor="", continued=False, goes_on=False
        )
        if not self.takes:
            return recorded
        takes = with_room_for_one(self.takes, self.take)
        return replace(recorded, takes=(*takes, recorded.answer), take=len(takes))

    def put_back(self) -> Turn:
        """Return the turn after a failed regeneration, rolled back to its previous answer."""
        takes = self.takes if len(self.takes) > 1 else ()
        return replace(self, state=TurnState.RECORDED, takes=takes, goes_on=False)


def _with_answer(turn: Turn, answer: Take) -> Turn:
    """Return `turn` with `answer` in place of the shown alternative."""
    takes = tuple(answer if index == turn.take else take for index, take in enumerate(turn.takes))
    return replace(
        turn, text=answer.text, editor=answer.editor, continued=answer.continued, takes=takes
    )


@dataclass(frozen=True, slots=True)
class SeenRange:
    """A turn of a Codex thread, or injected history: the range of messages seen, and the answer."""

    codex_turn_id: str
    """Codex's id of the turn; empty for injected history, which is no rollback point."""
    turn: str
    """Our id of the turn whose answer the Codex thread has as its own.

    Empty: the turn failed and has to be rolled back. "?": history without a turn of ours.
    """
    since: int
    """Position after which the question began."""
    upto: int
    """Position up to which the question went."""
    ahead: tuple[int, ...] = ()
    """Ids of messages seen out of order: after `upto`, while an earlier message was not ready."""
    messages: tuple[int, ...] = ()
    """Ids of the newest messages of others that were seen."""
    at: float = 0.0
    """When `messages` were read, in unix seconds."""

    @property
    def reach(self) -> int:
        """High-water mark: the last position seen."""
        return max((self.upto, *self.ahead))


@dataclass(frozen=True, slots=True)
class Session:
    """A seat's Codex thread, and the part of the room's talk that the Codex thread has seen."""

    thread_id: str
    """Id of the Codex thread; empty: not started yet."""
    fingerprint: str
    """Hash of the character and model settings with which the Codex thread was started."""
    cursor: int = 0
    """Position up to which the Codex thread has seen all utterances; 0: none."""
    told: tuple[SeenRange, ...] = ()
    """The Codex thread's newest turns, oldest first; always includes its last turn."""
    cut: int = 0
    """Position from which the Codex thread is stale, to be rolled back; 0: up to date."""
    rebuilding: bool = False
    """Whether a rollback or injection was begun and not confirmed: the content is unknown."""
    trimmed: bool = False
    """Whether `told` was truncated: it lacks older turns of the Codex thread."""
    blind: bool = False
    """Whether the model refused pictures in this seat, so that it is shown none."""
    held: int = 0
    """Tokens in the Codex thread; 0: unknown."""

    def anew(self, fingerprint: str) -> Session:
        """Return a session without a Codex thread. Keeps `blind` if the fingerprint is the same."""
        return Session("", fingerprint, blind=self.blind and self.fingerprint == fingerprint)

    @property
    def ahead(self) -> frozenset[int]:
        """Ids of messages that the Codex thread has seen although they come after its cursor."""
        return frozenset(message for seen in self.told for message in seen.ahead)

    @property
    def reach(self) -> int:
        """High-water mark: the last position that the Codex thread has seen."""
        return max((self.cursor, *self.ahead))


@dataclass(frozen=True, slots=True)
class Line:
    """An item of replayed history."""

    text: str
    own: bool
    """Whether the character itself said it."""


# --- events of a mind during a turn: a closed union, matched exhaustively -------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The mind has started the turn."""

    codex_turn_id: str


@dataclass(frozen=True, slots=True)
class Words:
    """A delta of the speech, to append to the text so far."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """The words since the last `Settled` are void: the model's stream broke and starts again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The text of record of a piece of speech. Replaces the words since the last `Settled`."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a turn, summed over all its requests to the model."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    context_window: int | None = None
    """The model's context window; None: unknown."""
    held: int = 0
    """Input and output tokens of the last request: the present size of the Codex thread."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn has succeeded. Failures are raised as `TurnFailedError` instead."""

    usage: Usage = field(default_factory=Usage)


MindEvent = Began | Words | Retracted | Settled | Finished
