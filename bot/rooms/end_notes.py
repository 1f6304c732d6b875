"""Notes on turns that ended without an answer, shown to people. Texts only."""

from __future__ import annotations

from typing import Final

SENT_AWAY: Final = "the character was sent away"
PAUSED: Final = "the room was paused"
TOO_OLD: Final = "it was too old when the bot came back to it"

FOR_PEOPLE: Final = frozenset({SENT_AWAY, PAUSED, TOO_OLD})
"""Other notes may contain an error's text, which is for the log alone."""
