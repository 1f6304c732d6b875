"""Finding many names in a folded text at once: an index of names, and `@Name` by it.

Owns the search; what a name that was found means is `addressing`'s. Reading is linear in the text,
however many names there are; an index is compiled once for each set of names.
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

# Signs that are tried in one text. A person's message has no room for more names.
MARKS_READ: Final = 1_500
INDEXES_KEPT: Final = 512
"""Sets of names whose index is kept: about one a room, a few kilobytes each."""

# The end of a user name in an e-mail address. Letters of other scripts stand in none that people
# write, and some of those scripts have no space to put before the `@`.
_MAILBOX: Final = re.compile("[a-z0-9_\u00b5-\u024f\u1e00-\u1eff]")
# Not the first of several: `@@mira` calls nobody.
_MARK: Final = re.compile("@([^@\\s])")
# What makes `@ada` a part of an address somewhere else: `@ada/core`, `@ada@host.example`,
# `@ada.host.example`, `@ada.com`. Addresses with a single dot are told by their last word, since
# people forget the space behind a full stop.
_ELSEWHERE: Final = re.compile(
    r"/[a-z0-9_.-]|@[\w-]+(?:\.[\w-]+)+|\.(?:[\w-]+\.)+[a-z]{2,}"
    r"|\.(?:com|org|net|edu|gov|io|dev|app|ai|gg|tv|me|xyz|social|example|test|local|de|fr|uk|ru|рф)"
    r"(?!\w)"
)

Names = tuple[tuple[str, tuple[str, ...]], ...]
"""Each key with the names that stand for it."""


class Found(NamedTuple):
    """A name that stands in a text between two offsets."""

    spelled: tuple[str, ...]
    """Keys of those whose name is spelled so, accents and all."""
    alike: tuple[str, ...]
    """Keys of those whose name differs in nothing but accents, these included."""
    start: int
    end: int

    @property
    def key(self) -> str:
        """Whom it means: of several with the same name the first."""
        return (self.spelled or self.alike)[0]


@dataclass(slots=True)
class _Node:
    """A place in the tree of names."""

    following: dict[str, _Node] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
    """Keys of those whose name ends here."""
    spelled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same by the name with its accents."""


class NameIndex:
    """A tree over the characters of all names, without their accents."""

    def __init__(self, names: Names) -> None:
        self._root = _Node()
        for key, spelled in names:
            for name in spelled:
                self._add(key, " ".join(folded(name).split()).lstrip("@ "))

    def longest_at(self, text: str, at: int) -> Found | None:
        """The longest name that begins at `at` and ends where a word does."""
        found = self.all_at(text, at)
        return found[-1] if found else None

    def all_at(self, text: str, at: int) -> list[Found]:
        """Each name that begins at `at` and ends where a word does, shortest first."""
        found: list[Found] = []
        node = self._root
        for here in range(at, len(text)):
            following = node.following.get(text[here])
            if following is None:
                if text[here] not in ACCENTS:
                    break
                continue
            node = following
            if node.alike:
                end = skip_accents(text, here + 1)
                if ends_word(text, end):
                    spelled = node.spelled.get(text[at:end], ())
                    found.append(Found(spelled, node.alike, at, end))
        return found

    def marked(self, text: str) -> list[Found]:
        """Each `@Name` in `text`, in order."""
        calls: list[Found] = []
        last = -1
        for mark in islice(_MARK.finditer(text), MARKS_READ):
            at = mark.start()
            if mark[1] not in self._root.following:
                continue
            found = self.longest_at(text, at + 1)
            if found is not None and _may_call(text, at, last) and self._is_here(text, found.end):
                calls.append(found)
                last = found.end
        return calls

    def within(self, text: str) -> Iterator[Found]:
        """Each of them that stands in `text` as a word or several, in order."""
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

    def _is_here(self, text: str, end: int) -> bool:
        """Whether the name that ends there is no part of an address, or of a list of names."""
        if _ELSEWHERE.match(text, end) is None:
            return True
        return text[end] == "/" and self.longest_at(text, end + 1) is not None


@lru_cache(INDEXES_KEPT)
def index_of(names: Names) -> NameIndex:
    """The index of these names; compiled anew only when they are others than before."""
    return NameIndex(names)


def _may_call(text: str, at: int, last: int) -> bool:
    """Whether the `@` at `at` begins a call; the call before it ended at `last`."""
    if at in (last, last + 1) and text[last] in "@/":  # `@Kai@Mira`, `@Kai/@Mira`
        return True
    before = base_before(text, at)
    if before == "/":  # `youtube.com/@ada`
        return not _MAILBOX.match(base_before(text, at - 1))
    return before != "@" and not _MAILBOX.match(before)
