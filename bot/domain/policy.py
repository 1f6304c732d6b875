"""How talkative a room is. Owns the value and its limits; judging by it is `deciding`'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

CHANCE_LIMIT = 100
CHAIN_LIMIT = 20
COOLDOWN_LIMIT = 3_600


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


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a room. The default is silence unless spoken to.

    `chance` is in percent, for each character and message, where the mode is talkative. `chain`
    is how often characters may answer one another after a person spoke. `cooldown` is the least
    time in seconds between two turns that nobody asked of the same character. `denied` are the
    names of actions that characters may not take here. `since` is the order before which nothing
    is remembered here, from `/room reset`.
    """

    mode: Mode = Mode.MENTION
    chance: int = 15
    chain: int = 3
    cooldown: int = 0
    quiet: Quiet | None = None
    denied: frozenset[str] = frozenset()
    paused: bool = False
    since: int = 0
