"""Limits how long characters may answer one another until a person speaks. Stored elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.decision import SkipReason

# Time since a person last spoke after which characters stop answering one another, however slow
# their models are.
LONGEST = timedelta(minutes=10)
# Tokens of all turns in the room since a person last spoke. A long room costs some 60,000 a turn.
MOST_TOKENS = 400_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Budget:
    """A room's usage since a person last spoke; only a person's message resets it.

    The default value is spent: it stands for a room where no person has spoken for long.
    """

    since: datetime = LONG_AGO
    """When a person last spoke."""
    turns: int = 0
    """Turns since then in which a character answered another character."""
    tokens: int = 0
    """Tokens of all turns since then."""

    def refusal(self, chain: int, now: datetime) -> SkipReason | None:
        """Return why no character may answer another now, or None. `chain`: `Policy.chain`."""
        if self.turns >= chain:
            return SkipReason.CHAIN
        if now - self.since >= LONGEST:
            return SkipReason.TIME
        return SkipReason.TOKENS if self.tokens >= MOST_TOKENS else None

    def after(self, *, turns: int = 0, tokens: int = 0) -> Budget:
        """Return this budget with further usage added."""
        return replace(self, turns=self.turns + turns, tokens=self.tokens + tokens)
