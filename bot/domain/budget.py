"""How much characters may answer one another before a person has to speak. Pure: kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.decision import Silence

# Since a person spoke last: the talk of characters among themselves ends by then, however slow
# their minds are.
LONGEST = timedelta(minutes=10)
# Tokens of all turns in the room since then. A long room costs some 60,000 a turn.
MOST_TOKENS = 400_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Budget:
    """A room's use since a person spoke last (`since`): nothing but that begins a new one.

    `turns` are those in which a character answered another one; `tokens` those of all turns. The
    default is the budget of a room where nobody has spoken for long: there is nothing left of it.
    """

    since: datetime = LONG_AGO
    turns: int = 0
    tokens: int = 0

    def refusal(self, chain: int, now: datetime) -> Silence | None:
        """Why no character may answer another one now; None when one may."""
        if self.turns >= chain:
            return Silence.CHAIN
        if now - self.since >= LONGEST:
            return Silence.TIME
        return Silence.TOKENS if self.tokens >= MOST_TOKENS else None

    def after(self, *, turns: int = 0, tokens: int = 0) -> Budget:
        """With that much more used."""
        return replace(self, turns=self.turns + turns, tokens=self.tokens + tokens)
