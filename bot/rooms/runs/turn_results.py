"""What asking the model came to, and how a turn run ended.

`ModelResult` is a closed union of frozen values. A failure is no result: it is raised (see
`bot.errors`), because retry policies and the messages to people go by the type of the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.turn import Session, Turn


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is on record, and has to be delivered."""

    session: Session | None
    """The seat's session with this answer; None if the Codex thread does not hold the answer."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The model declined to speak."""

    reason: str
    session: Session | None
    """The seat's session with this turn; None if the Codex thread does not hold the turn."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The turn is complete without words: the model called tools, or a cut left no words."""

    session: Session | None
    """The seat's session with this turn; None if the Codex thread does not hold the turn."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A person stopped the turn before there were words to keep."""

    was_skipped: bool = False
    """Whether the model had declined to speak before the stop."""


@dataclass(frozen=True, slots=True)
class TargetDeleted:
    """Every message that was to be answered has been deleted."""


NoWords = Skipped | Acted | Stopped | TargetDeleted
ModelResult = Answered | NoWords


class Ending(StrEnum):
    """How a turn run ended, for the record and the metrics."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    ACTED = "acted"
    CHANGED = "changed"
    """An earlier answer was edited, replaced or deleted; no model was asked."""
    FAILED = "failed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The metrics of one turn run."""

    turn: Turn
    """The turn's record at the end of the run."""
    ending: Ending
    seconds: float
    """Since the run began."""
    first_words: float | None = None
    """Seconds from the turn's acceptance to the first words shown; None without words."""
    waited: float | None = None
    """Seconds spent waiting for a leased mind; None if none was leased."""
    recovered: bool = False
    """Whether the Codex thread was lost or full, and history was replayed into a new one."""
    tokens: int = 0
    """Tokens used by all attempts."""
    error: Exception | None = None
    """Why the turn failed; None if it did not."""
