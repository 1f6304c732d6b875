"""What a scripted character's voice is made of. Owns the shape, no phrases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Phrases = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Phrases by occasion. `{who}` is the speaker, `{what}` what it is about (`{What}` with a
    capital), `{other}` another character or a file's name.

    `musings` answer questions that no rule knows, `echoes` what is only said, `banter` what
    another character said; `asides` hand on to one, `onward` goes on; `deeds` tell by tool what
    was done, `cannot` why it was not.
    """

    key: str
    words: frozenset[str]
    hello: Phrases
    thanks: Phrases
    bye: Phrases
    told: Phrases
    recall: Phrases
    nothing: Phrases
    musings: Phrases
    echoes: Phrases
    banter: Phrases
    asides: Phrases
    onward: Phrases
    picture: Phrases
    page: Phrases
    closed: Phrases
    cannot: Phrases
    deeds: Mapping[str, Phrases]
    opening: Phrases
    lines: Phrases


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
