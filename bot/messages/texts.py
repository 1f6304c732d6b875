"""The types of a language's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A text with a singular and a plural form."""

    by: str
    """The name of the placeholder with the number."""
    one: str
    """The form for 1."""
    other: str
    """The form for all other numbers."""


Texts = Mapping[str, str | Plural]
"""Texts by message id; `bot.messages.rendering` describes the placeholders."""


@dataclass(frozen=True, slots=True)
class Language:
    """The catalogue of a language."""

    texts: Texts
    or_word: str
    """The word between the alternatives of a list."""


def merged(*parts: Texts) -> Texts:
    """Return the texts of all parts. Raises `ValueError` if two texts have the same id."""
    whole: dict[str, str | Plural] = {}
    for part in parts:
        if twice := whole.keys() & part.keys():
            raise ValueError(f"two texts for {', '.join(sorted(twice))}")
        whole.update(part)
    return whole
