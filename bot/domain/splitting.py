"""Splits a long text into messages. Owns where to cut.

Never changes the text itself: a piece is a slice of it, plus the delimiters that close and reopen
the markup which the cut splits (`seams`). The stage decides what is sent, and when. Linear in the
length of any text: the markup is parsed once, and choosing a cut reads no more text than fits into
a message.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from bot.domain import sentences
from bot.domain.fences import Block, blocks
from bot.domain.graphemes import is_inside
from bot.domain.inline import Inline
from bot.domain.seams import Seams

# Characters. Discord's API counts code points, as `len` does (its staff in discord-api-docs issue
# 1315).
LIMIT = 2000
# A smaller limit leaves no room for fences around words.
SMALLEST_LIMIT = 100

_CLOSED = re.compile(r"\n[ \t>]{0,24}(?P<run>`{3,12}|~{3,12})\Z")
_REOPENED = re.compile(r"[ \t>]{0,24}(?P<run>`{3,12}|~{3,12})\S{0,20}\n")
_MARK = re.compile(r"\*\*|\*|__|_|~~|\|\||`")
_MARKS = re.compile(rf"(?:{_MARK.pattern}){{1,8}}")
_MARKS_BEHIND = re.compile(rf"(?:{_MARK.pattern}){{1,8}}\Z")
_BLANK_LINE = re.compile(r"(?<=\n)[^\S\n]*+\n")
_LINE_END = re.compile("\n")
_WORD_END = re.compile(r"\s+")


class Cut(IntEnum):
    """Kinds of places to cut at, best first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    CODE_LINE = 3
    WORD = 4


# Least share of the message that a cut of each kind must fill; else the next kind is tried.
_LEAST_FILL = {
    Cut.PARAGRAPH: 0.5,
    Cut.LINE: 0.4,
    Cut.SENTENCE: 0.4,
    Cut.CODE_LINE: 0.1,
    Cut.WORD: 0.1,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A message."""

    text: str
    """The text to send."""
    body: str
    """The slice of the whole text that it contains."""


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Return `text` as messages of at most `limit` code points, in order; no message is blank."""
    return [piece.text for piece in pieces(text, limit) if piece.body.strip()]


def pieces(text: str, limit: int = LIMIT) -> Iterator[Piece]:
    """Yield the messages of `text`, in order; their bodies joined equal the text exactly."""
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"a message of {limit} characters has no room for code fences")
    page = _Page(text, limit)
    start = 0
    while start < len(text):
        end = page.cut(start)
        yield page.piece(start, end)
        start = end


def joined(messages: Sequence[str]) -> str:
    """Return the text that was split into `messages`, as far as it can be restored.

    Merges code blocks, spoilers and emphasis that were closed and reopened at a cut. The white
    space at a cut is lost, since Discord trims messages: a line break replaces it.
    """
    parts: list[str] = []
    for message in messages:
        if not parts:
            parts.append(message)
            continue
        above = parts[-1].rstrip()
        closed = _CLOSED.search(above, max(0, above.rfind("\n")))
        opened = _REOPENED.match(message)
        if closed and opened and closed["run"] == opened["run"]:
            parts[-1:] = [above[: closed.start()], message[opened.end() :]]
            continue
        ended, begun = _MARKS_BEHIND.search(above, max(0, len(above) - 20)), _MARKS.match(message)
        if ended and begun and _MARK.findall(ended[0]) == _MARK.findall(begun[0])[::-1]:
            parts[-1:] = [above[: ended.start()], message[begun.end() :]]
        else:
            parts[-1:] = [above, message]
    return "\n".join(parts)


def reopened(message: str) -> str:
    """Return `message` without a leading line that reopens a code block."""
    found = _REOPENED.match(message)
    return message[found.end() :] if found is not None else message


class _Page:
    """A text with its parsed markup, which finds the cuts."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._blocks = blocks(text)
        self._block_starts = [block.start for block in self._blocks]

    @cached_property
    def _seams(self) -> Seams:
        return Seams(self._text, Inline(self._text, self._blocks), self._block)

    def piece(self, start: int, end: int) -> Piece:
        """Return the message from `start` to `end`."""
        body = self._text[start:end]
        if start == 0 and end == len(self._text) and self._block(end) is None:
            return Piece(body, body)
        return Piece(self._seams.sewn(start, end), body)

    def cut(self, start: int) -> int:
        """Return the end of the message that starts at `start`."""
        if self._fits(start, len(self._text)):
            return len(self._text)
        window = self._limit - self._seams.before(start)
        whole = self._before_block(start, start + window)
        if whole is not None:
            return whole
        for kind, least in _LEAST_FILL.items():
            first = start + max(1, int(window * least))
            for place in reversed(list(self._places(kind, first, start + window))):
                if self._is_good(kind, place) and self._fits(start, place):
                    return place
        return self._hard_cut(start, start + window)

    def _fits(self, start: int, end: int) -> bool:
        if end - start > self._limit:
            return False
        if start == 0 and end == len(self._text) and self._block(end) is None:
            return True
        return self._seams.before(start) + end - start + self._seams.after(end) <= self._limit

    def _block(self, place: int) -> Block | None:
        """Return the code block that a cut at `place` would split, or None."""
        index = bisect_right(self._block_starts, place - 1) - 1
        if index < 0:
            return None
        block = self._blocks[index]
        return block if place < block.end or not block.is_closed else None

    def _before_block(self, start: int, end: int) -> int | None:
        """Return the start of the block that a cut at `end` splits, if it fits into a message."""
        block = self._block(end)
        if block is None or block.start <= start or not self._text[start : block.start].strip():
            return None
        fits = self._fits(start, block.start) and self._fits(block.start, block.end)
        return block.start if fits else None

    def _places(self, kind: Cut, first: int, last: int) -> Iterable[int]:
        """Return the candidates for a cut of this kind from `first` to `last`, in order."""
        text = self._text
        if kind is Cut.PARAGRAPH:
            ends = (found.end() for found in _BLANK_LINE.finditer(text, first - 1, last))
            return sorted({*ends, *self._block_edges(first, last)})
        pattern = {Cut.SENTENCE: sentences.END, Cut.WORD: _WORD_END}.get(kind, _LINE_END)
        ends = (found.end() for found in pattern.finditer(text, first - 1, last))
        return (place for place in ends if place >= first)

    def _block_edges(self, first: int, last: int) -> Iterator[int]:
        begin = max(0, bisect_right(self._block_starts, first) - 1)
        for block in self._blocks[begin : bisect_right(self._block_starts, last)]:
            yield from (edge for edge in (block.start, block.end) if first <= edge <= last)

    def _is_good(self, kind: Cut, place: int) -> bool:
        """Return whether a cut leaves no code block empty and splits no markup worth keeping."""
        block = self._block(place)
        if kind is Cut.CODE_LINE:
            return block is not None and block.body < place < block.last
        return block is None and not self._seams.tears(place)

    def _hard_cut(self, start: int, end: int) -> int:
        """Return the last place that fits, possibly within a word but not within a grapheme."""
        best = min(end, len(self._text))
        while best > start + 1 and not self._fits(start, best):
            best -= 1
        for is_torn in (self._seams.mangles, self._splits_grapheme):
            place = best
            while place > start + 1:
                before = is_torn(place, start)
                if before is None and self._fits(start, place):
                    return place
                place = place - 1 if before is None else before
        return best

    def _splits_grapheme(self, place: int, start: int) -> int | None:
        return place - 1 if is_inside(self._text, place, start) else None
