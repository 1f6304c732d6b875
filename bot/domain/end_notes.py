"""Why turns ended without an answer, as the ledger keeps it; other notes are for the log alone."""

from __future__ import annotations

from enum import StrEnum


class EndNote(StrEnum):
    """An ending that people may read about. The values stand in records that are kept."""

    SENT_AWAY = "the character was sent away"
    PAUSED = "the room was paused"
    TOO_OLD = "it was too old when the bot came back to it"
