"""Decides whether a name without an `@` is a vocative or is talked about. Owns the rules.

`Good evening, Mira!` addresses Mira, `I like Mira.` does not; `we visited Mira` is ambiguous
without a list of all verbs. An ambiguous name addresses nobody: a hint tells the person once how to
address a character (`bot.rooms.dispatch.hints`). `tests/unit/domain/test_names_without_a_mark.py`
has a table of sentences with the expected results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.boundaries import may_part
from bot.domain.folding import without_accents
from bot.domain.names import NameIndex
from bot.domain.signs import begins_with_sign, ends_with_comma, title_after
from bot.domain.vocative_words import (
    ABOUT_AFTER,
    ABOUT_BEFORE,
    ASKS,
    ASKS_PERHAPS,
    BIDS,
    CLOSES,
    FIRST_PERSON,
    GREETING,
    HELPS_ASK,
    INTRODUCES,
    LISTS,
    OWNERS,
    PLAIN_YOU,
    SPOKEN_TO,
    TURNING,
    YOU,
)

# Sentences to analyse at either end: a long text addresses somebody where it begins or ends.
_FIRST, _LAST = 3, 2
# Characters.
_LONGEST_SENTENCE: Final = 160
# Most words before a name that ends a sentence: a longer sentence tells a story.
_SHORT: Final = 10

# Quoted speech, actions (`*waves at Mira*`) and mentions of people.
_NOT_SAID: Final = re.compile(
    r'"[^"\n]*"|\u201c[^\u201c\u201d\n]*\u201d|\u201e[^\u201e\u201c\u201d\n]*[\u201c\u201d]'
    r"|\u00ab[^\u00ab\u00bb\n]*\u00bb|\u300c[^\u300c\u300d\n]*\u300d|@\[[^\[\]\n]*\]"
    r"|(?<!\*)\*[^*\n]+\*(?!\*)"
)
_STOPS: Final = r"!?\n\u061f\u06d4\u0964\u3002\u1362\u104b\u17d4"
_SENTENCE: Final = re.compile(rf"(?:[^.{_STOPS}]|\.(?=\w))+[.{_STOPS}\s]*")
_ASKED: Final = re.compile(r"[?\u061f\u1367\u055e]")
_WORD: Final = re.compile(
    r"[^\s,;:.!?()\[\]{}\"\u201c\u201d\u00ab\u00bb~\u2014\u2013/*_\u060c\u3001\u3002|]+"
)
# Pronouns attached to an inverted verb: `peux-tu`.
_INVERTED: Final = ("-tu", "-vous", "-moi", "-toi", "-nous")


@dataclass(frozen=True, slots=True)
class Naming:
    """A character that a text names without an `@`."""

    character: str
    """The character's key."""
    sure: bool
    """Whether the name is certainly a vocative."""


def namings(words: str, index: NameIndex) -> list[Naming]:
    """Return the names in folded `words` that are, or may be, vocatives, in order.

    Leaves out characters that are only talked about.
    """
    found: list[Naming] = []
    for text in _sentences(without_accents(_NOT_SAID.sub(" ", words))):
        asked = _ASKED.search(text) is not None
        end = 0
        for name in index.within(text):
            if name.start < end or not _is_telling(text[name.start : name.end]):
                continue
            longest = index.longest_at(text, name.start) or name
            end = longest.end
            sentence = _Sentence(text[: longest.start], text[longest.end :], asked, index)
            if (sure := sentence.calls()) is not None:
                found.append(Naming(longest.key, sure))
    return found


def _sentences(text: str) -> Iterator[str]:
    """Return the first and last sentences of `text` that are short enough for a vocative."""
    every = [match[0] for match in _SENTENCE.finditer(text)]
    chosen = every if len(every) <= _FIRST + _LAST else every[:_FIRST] + every[-_LAST:]
    return (sentence for sentence in chosen if len(sentence) <= _LONGEST_SENTENCE)


def _is_telling(name: str) -> bool:
    """Return whether a name is unlike other words: no single letter, emoji or `will`."""
    letters = sum(char.isalpha() for char in name)
    known = (
        name in HELPS_ASK | YOU | FIRST_PERSON | ASKS | ASKS_PERHAPS | BIDS | CLOSES | ABOUT_BEFORE
    )
    return (letters > 1 or (letters == 1 and may_part(name, "a"))) and not known


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


class _Sentence:
    """A sentence split at a name.

    Each rule returns True (the name is a vocative), False (unclear) or None (talked about).
    """

    def __init__(self, before: str, after: str, asked: bool, index: NameIndex) -> None:
        title, self._is_vocative = title_after(after)
        self._before = before
        self._after = after[title:]
        self._asked = asked
        self._index = index
        self._words_before = _words(before)
        self._words_after = _words(self._after)

    def calls(self) -> bool | None:
        """Return whether the name is a vocative."""
        if not self._words_before:
            return self._opens()
        if TURNING.match(self._before):
            return self._follows_greeting()
        if not self._words_after or begins_with_sign(self._after):
            return self._closes()
        return None

    def _opens(self) -> bool | None:
        """`mira do you know me`: the name comes first."""
        words = self._words_after
        if not words or self._is_vocative:
            return True
        if begins_with_sign(self._after):
            return _speaks_to(words, self._asked) or False
        if GREETING.match(self._after) or SPOKEN_TO.match(self._after.lstrip()):
            return True
        if not self._after[:1].isspace():
            return None  # `Mira's`, or a Korean or Japanese particle
        if _begins_call(words, self._asked):
            return True
        return None if words[0] in ABOUT_AFTER else False

    def _follows_greeting(self) -> bool | None:
        """`hey mira …`: only a greeting precedes the name."""
        words = self._words_after
        if not words or begins_with_sign(self._after):
            return True
        if not self._after[:1].isspace() and not SPOKEN_TO.match(self._after):
            return None
        if words[0] in ABOUT_AFTER and not _begins_call(words, self._asked):
            return None
        greeted = GREETING.match(self._before) is not None
        return greeted or self._opens()

    def _closes(self) -> bool | None:
        """`what time is it mira?`: the name ends the sentence or a clause."""
        words, last = self._words_before, self._words_before[-1]
        if ends_with_comma(self._before):
            return self._is_set_off()
        if self._before[-1:].strip():
            return None  # no space before the name: part of a Chinese or Japanese sentence
        if last in ABOUT_BEFORE or len(words) > _SHORT:
            return None
        evident = _speaks_to(words, self._asked)
        fitting = last in CLOSES or last in YOU or last.endswith(_INVERTED)
        if GREETING.match(self._before) and len(words) <= 5:
            return fitting or not FIRST_PERSON.intersection(words)
        # `how are you Mira` addresses Mira; `are you Mira` asks another person's name.
        asks_name = len(words) == 2 and last in YOU and words[0] not in ASKS | ASKS_PERHAPS
        if evident and fitting and not asks_name:
            return True
        return False if evident or len(words) <= 4 else None

    def _is_set_off(self) -> bool:
        """`not today, Mira`: a comma precedes the name, except in lists and introductions."""
        parts = re.split(r"[,\u060c\u3001]", self._before.rstrip(" ,\u060c\u3001"))
        following = self._words_after[:1]
        if _speaks_to(self._words_before, self._asked):
            return True
        if following and following[0] in LISTS:
            return False
        if TURNING.match(parts[-1]) or GREETING.match(self._before):
            return True
        if following:
            return not YOU.isdisjoint(self._words_after)
        return not self._is_list(parts) and not self._is_introduced(_words(parts[-1]))

    def _is_list(self, parts: Sequence[str]) -> bool:
        """Return whether the name ends a list: of short parts between commas, or of the cast."""
        if any(True for _ in self._index.within(parts[-1])):
            return True
        return len(parts) > 1 and all(len(_words(part)) <= 2 for part in parts[1:])

    def _is_introduced(self, last: Sequence[str]) -> bool:
        """Return whether the name introduces somebody after the words `last`: `my friend, Mira`."""
        return self._words_before[0] in INTRODUCES or (len(last) > 1 and last[-2] in OWNERS)


def _begins_call(words: Sequence[str], asked: bool) -> bool:
    """Return whether `words`, right after a name, speak to its bearer."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    if (
        first in FIRST_PERSON
        or first in YOU
        or first in BIDS
        or first in ASKS
        or first.endswith(_INVERTED)
    ):
        return True
    if first in HELPS_ASK and (second in YOU or second in FIRST_PERSON or second == "we"):
        return True
    if first in HELPS_ASK and asked and second in ("it", "there", "this", "that"):
        return True
    if first in ASKS_PERHAPS and (asked or not YOU.isdisjoint(words)):
        return True
    return second in PLAIN_YOU and first not in ABOUT_AFTER


def _speaks_to(words: Sequence[str], asked: bool) -> bool:
    """Return whether a sentence of these words addresses somebody."""
    return (_begins_call(words, asked) and words[0] not in FIRST_PERSON) or not YOU.isdisjoint(
        words
    )
