"""Whether turns come to something: the last one that failed, and how many did so in a row.

In memory only: what was before a start says nothing about now. Holds no words of anybody, no room
and no character.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.errors import CodexLoginError, TurnFailedError, TurnFailure
from bot.messages import failures
from bot.rooms.act import Ending, Outcome

# So many in a row, with no success between them, are no accident of one room or question.
FAILED_IN_A_ROW: Final = 5

# Nobody is answered until these are over. Other failures are of one question or one room.
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
    """A turn that ended without an answer. `at` is in UTC."""

    reason: TurnFailure
    at: datetime

    @property
    def text(self) -> str:
        """Why, for the person who runs the bot."""
        return failures.for_owner(self.reason)


class TurnHealth:
    """Told of every outcome."""

    def __init__(self) -> None:
        self._last: FailedTurn | None = None
        self._in_a_row = 0

    def ended(self, outcome: Outcome, at: datetime | None = None) -> bool:
        """Take an outcome in, at the time of now unless given; True when the model failed."""
        if outcome.ending is Ending.FAILED:
            reason = _reason(outcome.error)
            self._last = FailedTurn(reason, at or datetime.now(UTC))
            self._in_a_row += reason in _OF_ENDPOINT
            return reason in _OF_ENDPOINT
        if outcome.ending in (Ending.ANSWERED, Ending.ACTED) or outcome.tokens:
            self.works()
        return False

    def works(self) -> None:
        """The model answered: what failed before is over."""
        self._last, self._in_a_row = None, 0

    @property
    def last(self) -> FailedTurn | None:
        """The last turn that failed, if none went well since."""
        return self._last

    @property
    def problem(self) -> str | None:
        """What keeps everybody from being answered; None when nothing is known to."""
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
