"""Spending limits that protect the host's money: turns per person and hour, tokens per day. Pure.

Windows are fixed (an hour, a day of UTC): usage is a single number per window, and people can be
told when the next window begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.decision import SkipReason
from bot.message_data import Message
from bot.refusals import DaySpent, HourSpent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The limits; 0 means unlimited."""

    turns_per_hour: int = 0
    """Turns that a person may cause per hour."""
    tokens_per_day: int = 0
    """Tokens that all turns together may use per day."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A person's remaining allowance at some moment."""

    turns: int | None = None
    """Turns left in this hour; None: unlimited."""
    day_is_spent: bool = False
    """Whether the tokens of this day are used up."""

    def refusal(self, taken: int) -> SkipReason | None:
        """Return why no turn may begin after `taken` further turns; None if another may."""
        if self.day_is_spent:
            return SkipReason.DAY_SPENT
        if self.turns is not None and taken >= self.turns:
            return SkipReason.PERSON_SPENT
        return None


def hour_of(now: datetime) -> datetime:
    """Return the start of the hour of `now` (aware), in UTC."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(now: datetime) -> datetime:
    """Return the start of the UTC day of `now` (aware)."""
    return hour_of(now).replace(hour=0)


def refusal_for(silence: SkipReason, until: datetime) -> Message:
    """What a person is told who was refused for `silence`; `until` is when it ends."""
    return DaySpent(until) if silence is SkipReason.DAY_SPENT else HourSpent(until)


def comes_back(silence: SkipReason, now: datetime) -> datetime:
    """Return when a person refused for `silence` may ask again: the start of the next window."""
    return day_of(now) + DAY if silence is SkipReason.DAY_SPENT else hour_of(now) + HOUR
