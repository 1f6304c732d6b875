"""How talkative a room is. Owns the value and its limits; judging by it is `deciding`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot import refusals
from bot.domain.utterance import moment_of
from bot.domain.zones import zone_named
from bot.errors import RefusedError

CHANCE_LIMIT = 100
CHAIN_LIMIT = 20
COOLDOWN_LIMIT = 3_600
RESET_UNDONE_WITHIN = timedelta(days=1)


_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")


class Mode(StrEnum):
    """What characters answer without being spoken to."""

    MENTION = "mention"
    TALKATIVE = "talkative"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day in which only those who are spoken to answer; may pass midnight.

    `zone` is an IANA name, such as `Europe/Berlin`.
    """

    start: time
    end: time
    zone: str = "UTC"

    def holds(self, now: datetime) -> bool:
        """Whether `now` (aware) is within them."""
        there = now.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= there < self.end
        return there >= self.start or there < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M} ({self.zone})"


def quiet_hours(text: str, zone: str) -> Quiet:
    """`22:00-07:00` in an IANA zone. Raises `RefusedError`, which says what is wrong with it."""
    found = _HOURS.fullmatch(text)
    try:
        ends = [time(int(hour), int(minute)) for hour, minute in _pairs(found)]
    except ValueError:
        ends = []
    if len(ends) != 2 or ends[0] == ends[1]:
        raise RefusedError(refusals.NOT_QUIET_HOURS)
    return Quiet(ends[0], ends[1], zone_named(zone).key)


def _pairs(found: re.Match[str] | None) -> list[tuple[str, str]]:
    return [] if found is None else [(found[1], found[2]), (found[3], found[4])]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a room. The default is silence unless spoken to.

    `chance` is in percent, for each character and message, where the mode is talkative. `chain`
    is how often characters may answer one another after a person spoke. `cooldown` is the least
    time in seconds between two turns that nobody asked of the same character. `denied` are the
    names of actions that characters may not take here. `since` is the order before which nothing
    is remembered here, from `/room reset`. `follows`: in all but that it is as its channel's.
    """

    mode: Mode = Mode.MENTION
    chance: int = 15
    chain: int = 3
    cooldown: int = 0
    quiet: Quiet | None = None
    denied: frozenset[str] = frozenset()
    paused: bool = False
    since: int = 0
    follows: bool = False
    askers_edit: bool = False
    """Whether who asked for a reply may edit it; else only who may manage messages."""
    since_before: int = 0
    """What `since` was before the last reset, for whoever wants to undo that."""

    def reset(self, at: int) -> Policy:
        """The policy after `/room reset` at that snowflake."""
        return replace(self, since=at, since_before=self.since)

    def can_undo_reset(self, now: datetime) -> bool:
        """Whether the last reset was less than a day before `now` (aware)."""
        return bool(self.since) and now - moment_of(self.since) < RESET_UNDONE_WITHIN

    def without_reset(self) -> Policy:
        """The policy as it was before the last reset, otherwise as it is now."""
        return replace(self, since=self.since_before, since_before=0)
