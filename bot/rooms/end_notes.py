"""Why turns ended without an answer, where people may read it. Words only."""

from __future__ import annotations

from typing import Final

SENT_AWAY: Final = "the character was sent away"
PAUSED: Final = "the room was paused"
TOO_OLD: Final = "it was too old when the bot came back to it"

FOR_PEOPLE: Final = frozenset({SENT_AWAY, PAUSED, TOO_OLD})
"""Other notes may hold what an error said, which is for the log alone."""
