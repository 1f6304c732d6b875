"""The takes of one reply: each answer that a turn was given, of which one is shown.

A take is known by its place, never by its words: a model may say the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Takes that are kept of one reply; with another one the oldest goes.
TAKES_LIMIT: Final = 12


@dataclass(frozen=True, slots=True)
class Take:
    """One answer, as it stands."""

    text: str
    editor: str = ""
    """The name of the person who wrote these words by *Edit reply*; empty: the character did."""
    continued: bool = False
    """Whether it went on when a person asked for more."""


def with_room_for_one(takes: Sequence[Take], shown: int) -> tuple[Take, ...]:
    """`takes` without the oldest that are too many; the one at the place `shown` stays."""
    surplus = max(0, len(takes) - TAKES_LIMIT + 1)
    gone = [place for place in range(len(takes)) if place != shown][:surplus]
    return tuple(take for place, take in enumerate(takes) if place not in gone)
