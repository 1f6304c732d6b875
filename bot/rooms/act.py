"""What a turn needs while it is played, and what it came to. Owns no step of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.character import Character
from bot.domain.speech import Speech
from bot.domain.turn import Session, Turn
from bot.domain.utterance import Speaker, SpeakerKind, Utterance


class Ending(StrEnum):
    """How a turn ended, for the record and the metrics."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    ACTED = "acted"
    FAILED = "failed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn came to. `seconds` since it was taken up, `first_words` since it was accepted.

    `waited` is how long it took to get a mind; `recovered` says that a lost thread was replayed.
    `tokens` is what it cost.
    """

    turn: Turn
    ending: Ending
    seconds: float
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    tokens: int = 0


Join = Callable[[], Sequence[Turn]]
"""The turns of the seat that came meanwhile; they are ended with the one that is asked now."""


@dataclass(slots=True)
class Act:
    """A turn on its way: the record so far, and what only this process needs to know.

    `joined` are turns that are answered together with it; `heard_upto` is the order of the last
    utterance that the question may hold.
    """

    turn: Turn
    character: Character
    join: Join
    joined: list[Turn] = field(default_factory=list)
    speech: Speech = field(init=False)
    session: Session | None = None
    heard_upto: int = 0
    deleted: bool = False
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    tokens: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.speech = Speech(self.character)

    @property
    def thread_id(self) -> str:
        """The thread that was asked; empty before there is one."""
        return self.session.thread_id if self.session is not None else ""

    @property
    def asked(self) -> set[int]:
        """The messages to be answered."""
        return {self.turn.trigger, *(one.trigger for one in self.joined)}

    def begin(self, latest: int) -> None:
        """Try: with nothing said yet, asking all that waits, up to what was decided on last.

        Not to the trigger only: who is named second hears the first. `latest` is the order of
        the last utterance in the room's log; nothing after it has been decided on.
        """
        self.speech = Speech(self.character)
        self.joined.extend(self.join())
        self.heard_upto = max(latest, *self.asked)

    def outcome(self, ending: Ending) -> Outcome:
        """What it came to, now."""
        return Outcome(
            self.turn,
            ending,
            self.seconds(),
            self.first_words,
            self.waited,
            self.recovered,
            self.tokens,
        )

    def seconds(self) -> float:
        """Since it was taken up."""
        return time.monotonic() - self.began

    def since_accepted(self) -> float:
        """Since it was accepted, waiting behind others included."""
        return (datetime.now(UTC) - self.turn.accepted_at).total_seconds()

    def told(self, session: Session) -> Session:
        """`session` after this turn: its cursor is at the last utterance that was told."""
        return replace(session, cursor=max(session.cursor, self.heard_upto))

    def said(self, text: str, *, after: int) -> Utterance:
        """What the room heard, `after` being the order of what it heard before."""
        return Utterance(
            message_id=self.turn.chunks[0],
            room_id=self.turn.room.id,
            speaker=Speaker(0, self.character.name, SpeakerKind.CHARACTER, self.character.key),
            text=text,
            at=datetime.now(UTC),
            settled=max(self.turn.chunks[-1], after + 1),
            turn=self.turn.id,
        )
