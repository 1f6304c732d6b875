"""What the catalogue of a language consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A text with a number in it: one form for 1, another for all other numbers."""

    by: str
    """The placeholder that holds the number."""
    one: str
    other: str


Texts = Mapping[str, str | Plural]
"""Texts by the ids of their messages; `bot.messages.rendering` says what placeholders look like."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language's catalogue."""

    texts: Texts
    or_word: str
    """Between the last parts of a list of which one is to be chosen."""


def merged(*parts: Texts) -> Texts:
    """The texts of all parts. Raises `ValueError` where two have the same id."""
    whole: dict[str, str | Plural] = {}
    for part in parts:
        if twice := whole.keys() & part.keys():
            raise ValueError(f"two texts for {', '.join(sorted(twice))}")
        whole.update(part)
    return whole
