"""The alternatives of a reply: all answers that a turn was given, of which the room shows one.

An alternative is identified by its index, never by its text: a model may repeat an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Alternatives kept per reply; a further alternative evicts the oldest.
TAKES_LIMIT: Final = 12


@dataclass(frozen=True, slots=True)
class Take:
    """An alternative answer."""

    text: str
    editor: str = ""
    """Name of the person who wrote the text by *Edit reply*; empty: the character wrote it."""
    continued: bool = False
    """Whether the text was continued at a person's request."""


def with_room_for_one(takes: Sequence[Take], shown: int) -> tuple[Take, ...]:
    """Return `takes` with the oldest evicted to make room for another, never the index `shown`."""
    surplus = max(0, len(takes) - TAKES_LIMIT + 1)
    gone = [place for place in range(len(takes)) if place != shown][:surplus]
    return tuple(take for place, take in enumerate(takes) if place not in gone)
