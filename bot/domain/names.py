"""An index that finds many names, and `@Name` mentions, in a folded text in a single pass.

Owns the search; `addressing` interprets the names found. Time is linear in the text, however many
names there are; an index is compiled once per set of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from bot.domain.boundaries import begins_word, ends_word
from bot.domain.folding import ACCENTS, base_before, folded, skip_accents, without_accents

# Number of `@` tried in a text. A person's message has no room for more names.
MARKS_READ: Final = 1_500
INDEXES_KEPT: Final = 512
"""Size of the index cache: about one set of names per room, a few kilobytes each."""

# The last character of an e-mail address's local part. In practice only Latin letters; some other
# scripts write no space before an `@Name`.
_MAILBOX: Final = re.compile("[a-z0-9_\u00b5-\u024f\u1e00-\u1eff]")
# Excludes all but the last of several `@`; `_may_mention` rejects `@@mira` altogether.
_MARK: Final = re.compile("@([^@\\s])")
# Text after `@ada` that makes it part of an address: `@ada/core`, `@ada@host.example`,
# `@ada.host.example`, `@ada.com`. After a single dot only a known top-level domain counts, since
# people forget the space after a full stop.
_ELSEWHERE: Final = re.compile(
    r"/[a-z0-9_.-]|@[\w-]+(?:\.[\w-]+)+|\.(?:[\w-]+\.)+[a-z]{2,}"
    r"|\.(?:com|org|net|edu|gov|io|dev|app|ai|gg|tv|me|xyz|social|example|test|local|de|fr|uk|ru|рф)"
    r"(?!\w)"
)

Names = tuple[tuple[str, tuple[str, ...]], ...]
"""Pairs of a character's key and its names."""


class Found(NamedTuple):
    """A name at `text[start:end]`."""

    spelled: tuple[str, ...]
    """Keys of the characters with exactly this name, accents included."""
    alike: tuple[str, ...]
    """Keys of the characters with this name up to accents; includes `spelled`."""
    start: int
    end: int

    @property
    def key(self) -> str:
        """Key of the character named; the first of several with the same name."""
        return (self.spelled or self.alike)[0]


@dataclass(slots=True)
class _Node:
    """A node of the trie."""

    following: dict[str, _Node] = field(default_factory=dict)
    """Child nodes by their character."""
    alike: tuple[str, ...] = ()
    """Keys of the characters with a name that ends at this node."""
    spelled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same keys, by the name with its accents."""


class NameIndex:
    """A trie over all names without their accents."""

    def __init__(self, names: Names) -> None:
        self._root = _Node()
        for key, spelled in names:
            for name in spelled:
                self._add(key, " ".join(folded(name).split()).lstrip("@ "))

    def longest_at(self, text: str, at: int) -> Found | None:
        """Return the longest name that begins at `at` and ends at a word boundary, or None."""
        found = self.all_at(text, at)
        return found[-1] if found else None

    def all_at(self, text: str, at: int) -> list[Found]:
        """Return the names that begin at `at` and end at a word boundary, shortest first."""
        found: list[Found] = []
        node = self._root
        for offset in range(at, len(text)):
            following = node.following.get(text[offset])
            if following is None:
                if text[offset] not in ACCENTS:
                    break
                continue
            node = following
            if node.alike:
                end = skip_accents(text, offset + 1)
                if ends_word(text, end):
                    spelled = node.spelled.get(text[at:end], ())
                    found.append(Found(spelled, node.alike, at, end))
        return found

    def marked(self, text: str) -> list[Found]:
        """Return the `@Name` mentions in `text`, in order."""
        mentions: list[Found] = []
        last = -1
        for mark in islice(_MARK.finditer(text), MARKS_READ):
            at = mark.start()
            if mark[1] not in self._root.following:
                continue
            found = self.longest_at(text, at + 1)
            if found is None or not _may_mention(text, at, last):
                continue
            if self._is_no_address(text, found.end):
                mentions.append(found)
                last = found.end
        return mentions

    def within(self, text: str) -> Iterator[Found]:
        """Yield the names that occur in `text` as whole words, in order."""
        for at, char in enumerate(text):
            if char in self._root.following and begins_word(text, at):
                yield from self.all_at(text, at)

    def _add(self, key: str, name: str) -> None:
        node = self._root
        plain = without_accents(name)
        for char in plain:
            node = node.following.setdefault(char, _Node())
        if plain:
            node.alike += (key,)
            node.spelled[name] = (*node.spelled.get(name, ()), key)

    def _is_no_address(self, text: str, end: int) -> bool:
        """Return whether the name that ends at `end` is not part of an address elsewhere."""
        if _ELSEWHERE.match(text, end) is None:
            return True
        # `@Kai/Mira` is a list of names.
        return text[end] == "/" and self.longest_at(text, end + 1) is not None


@lru_cache(INDEXES_KEPT)
def index_of(names: Names) -> NameIndex:
    """Return the index of `names`, cached per set of names."""
    return NameIndex(names)


def _may_mention(text: str, at: int, last: int) -> bool:
    """Return whether the `@` at `at` begins a mention; the previous mention ended at `last`."""
    if at in (last, last + 1) and text[last] in "@/":  # `@Kai@Mira`, `@Kai/@Mira`
        return True
    before = base_before(text, at)
    if before == "/":  # `youtube.com/@ada`
        return not _MAILBOX.match(base_before(text, at - 1))
    return before != "@" and not _MAILBOX.match(before)
