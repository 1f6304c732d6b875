"""Health of turns: the last failed turn, and the number of failures in a row.

In memory only: failures before a start say nothing about now. Holds no message text, no room and no
character.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.errors import CodexLoginError, TurnFailedError, TurnFailure
from bot.messages import failures
from bot.rooms.runs.turn_results import Ending, Outcome

# With this many failures in a row, the cause is not a single room or question.
FAILED_IN_A_ROW: Final = 5

# Failures that affect everybody; all others concern a single question or room.
_OF_ENDPOINT: Final = frozenset(
    {
        TurnFailure.USAGE_LIMIT,
        TurnFailure.RATE_LIMIT,
        TurnFailure.UNAUTHORIZED,
        TurnFailure.NO_CREDIT,
        TurnFailure.MODEL_UNKNOWN,
        TurnFailure.WRONG_ADDRESS,
        TurnFailure.UNREACHABLE,
        TurnFailure.OVERLOADED,
        TurnFailure.SILENT,
    }
)


@dataclass(frozen=True, slots=True)
class FailedTurn:
    """A turn that ended without an answer."""

    reason: TurnFailure
    at: datetime
    """End of the turn, in UTC."""

    @property
    def text(self) -> str:
        """The reason, in words for the bot's owner."""
        return failures.for_owner(self.reason)


class TurnHealth:
    """Tracks failures; called with the outcome of every turn."""

    def __init__(self) -> None:
        self._last: FailedTurn | None = None
        self._in_a_row = 0

    def ended(self, outcome: Outcome, at: datetime | None = None) -> bool:
        """Record an outcome and return whether the model's endpoint failed.

        `at` defaults to now.
        """
        if outcome.ending is Ending.FAILED:
            reason = _reason(outcome.error)
            self._last = FailedTurn(reason, at or datetime.now(UTC))
            self._in_a_row += reason in _OF_ENDPOINT
            return reason in _OF_ENDPOINT
        if outcome.ending in (Ending.ANSWERED, Ending.ACTED) or outcome.tokens:
            self.works()
        return False

    def works(self) -> None:
        """Clear earlier failures: the model answered."""
        self._last, self._in_a_row = None, 0

    @property
    def last(self) -> FailedTurn | None:
        """The last failed turn, if none has succeeded since."""
        return self._last

    @property
    def problem(self) -> str | None:
        """Why nobody gets an answer; None while there is no sign of such a problem."""
        if self._last is None or self._in_a_row < FAILED_IN_A_ROW:
            return None
        return f"the last {self._in_a_row} turns failed: {failures.for_owner(self._last.reason)}"


def _reason(error: Exception | None) -> TurnFailure:
    match error:
        case TurnFailedError():
            return error.reason
        case CodexLoginError():
            return TurnFailure.UNAUTHORIZED
        case _:
            return TurnFailure.OTHER
