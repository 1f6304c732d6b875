"""What members may spend of the host's money: turns a person and hour, tokens a day. Pure.

Windows are fixed: an hour and a day of UTC. So what is spent is one number a window, and everybody
can be told when the next one begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.decision import Silence
from bot.message_data import Message
from bot.refusals import DaySpent, HourSpent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The bounds; 0 stands for none."""

    turns_per_hour: int = 0
    """Turns that one person may cause in an hour."""
    tokens_per_day: int = 0
    """Tokens that all turns together may use in a day."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left for one person at one moment."""

    turns: int | None = None
    """Turns left in this hour; None: unbounded."""
    day_is_spent: bool = False
    """Whether the tokens of this day are used up."""

    def refusal(self, taken: int) -> Silence | None:
        """Why no further turn may begin once `taken` ones were begun; None when one may."""
        if self.day_is_spent:
            return Silence.DAY_SPENT
        if self.turns is not None and taken >= self.turns:
            return Silence.PERSON_SPENT
        return None


def hour_of(now: datetime) -> datetime:
    """The beginning of the hour that `now` (aware) lies in."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(now: datetime) -> datetime:
    """The beginning of the day, of UTC, that `now` (aware) lies in."""
    return hour_of(now).replace(hour=0)


def refusal_for(silence: Silence, until: datetime) -> Message:
    """What a person is told who was refused for `silence`; `until` is when it ends."""
    return DaySpent(until) if silence is Silence.DAY_SPENT else HourSpent(until)


def comes_back(silence: Silence, now: datetime) -> datetime:
    """When a person may ask again who was refused for `silence`."""
    return day_of(now) + DAY if silence is Silence.DAY_SPENT else hour_of(now) + HOUR
