"""What a turn needs while it is played, and what it came to. Owns no step of it."""

from __future__ import annotations

import time
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
    """What a turn came to. Times in seconds since it was taken up; None when there were none.

    `waited` is how long it took to get a mind; `recovered` says that a lost thread was replayed.
    """

    turn: Turn
    ending: Ending
    seconds: float
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False


@dataclass(slots=True)
class Act:
    """A turn on its way: the record so far, and what only this process needs to know."""

    turn: Turn
    character: Character
    asked_from: int
    speech: Speech = field(init=False)
    session: Session | None = None
    heard_upto: int = 0
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.speech = Speech(self.character)

    def outcome(self, ending: Ending) -> Outcome:
        """What it came to, now."""
        return Outcome(
            self.turn, ending, self.seconds(), self.first_words, self.waited, self.recovered
        )

    def seconds(self) -> float:
        """Since it was taken up."""
        return time.monotonic() - self.began

    def session_told(self) -> Session:
        """The session after this turn: its cursor is at the last utterance that was told."""
        assert self.session is not None
        return replace(self.session, cursor=max(self.session.cursor, self.heard_upto))

    def said(self, text: str, *, after: int) -> Utterance:
        """What the room heard, `after` being the order of what it heard before."""
        return Utterance(
            message_id=self.turn.chunks[0],
            room_id=self.turn.room.id,
            speaker=Speaker(0, self.character.name, SpeakerKind.CHARACTER, self.character.key),
            text=text,
            at=datetime.now(UTC),
            settled=max(self.turn.chunks[-1], after + 1),
        )
