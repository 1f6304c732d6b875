"""How talkative a room's characters are. Owns the value and its limits; `deciding` applies it."""

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
    """Which messages characters answer without being addressed."""

    MENTION = "mention"
    """No message."""
    TALKATIVE = "talkative"
    """Messages with a keyword, messages after a recent address, and others by chance."""
    EVERY = "every"
    """Every message of a person."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Daily quiet hours, in which only addressed characters answer; may pass midnight."""

    start: time
    end: time
    zone: str = "UTC"
    """IANA name, such as `Europe/Berlin`."""

    def holds(self, now: datetime) -> bool:
        """Return whether `now` (aware) is within the quiet hours."""
        local = now.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M} ({self.zone})"


def quiet_hours(text: str, zone: str) -> Quiet:
    """Parse `22:00-07:00` in an IANA zone. Raises `RefusedError` for a wrong format or zone."""
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
    """The settings of a room. By default characters speak only when addressed."""

    mode: Mode = Mode.MENTION
    chance: int = 15
    """Probability in percent, per character and message, of speaking unasked."""
    chain: int = 3
    """Turns in which characters may answer one another after a person's message."""
    cooldown: int = 0
    """Least time in seconds between two unasked turns of the same character."""
    quiet: Quiet | None = None
    denied: frozenset[str] = frozenset()
    """Names of the actions that characters may not take in the room."""
    paused: bool = False
    since: int = 0
    """Position of the last `/room reset`: characters know nothing from before it."""
    follows: bool = False
    """Whether a Discord thread takes everything but its resets from its channel."""
    askers_edit: bool = False
    """Whether the person who asked may edit the reply; else only members who manage messages."""
    since_before: int = 0
    """The previous value of `since`, for undoing the last reset."""

    def reset(self, at: int) -> Policy:
        """Return the policy after `/room reset` at snowflake `at`."""
        return replace(self, since=at, since_before=self.since)

    def can_undo_reset(self, now: datetime) -> bool:
        """Return whether the last reset was less than a day before `now` (aware)."""
        return bool(self.since) and now - moment_of(self.since) < RESET_UNDONE_WITHIN

    def without_reset(self) -> Policy:
        """Return the policy with the last reset undone and all other settings kept."""
        return replace(self, since=self.since_before, since_before=0)
