"""Cutting a long text into messages. Owns where to cut and what a torn code block needs.

The text itself is never changed: a piece is a slice of it, plus what reopens and closes the markup
which the cut tore. What is sent, and when, is up to the stage. The time is linear in the text,
whatever it is: the markup is read once, and a message looks at no more text than fits into it.
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

# Discord's API counts code points, as `len` does (its staff in discord-api-docs issue 1315).
LIMIT = 2000
# Below this there is no room for fences around words.
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
    """How good a place for a cut is, best first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    CODE_LINE = 3
    WORD = 4


# A better cut is taken only if it fills at least this part of the message.
_LEAST_FILL = {
    Cut.PARAGRAPH: 0.5,
    Cut.LINE: 0.4,
    Cut.SENTENCE: 0.4,
    Cut.CODE_LINE: 0.1,
    Cut.WORD: 0.1,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: `text` is what is sent, `body` the slice of the whole that stands in it."""

    text: str
    body: str


def split(text: str, limit: int = LIMIT) -> list[str]:
    """`text` as messages of at most `limit` code points, in order; none of them blank."""
    return [piece.text for piece in pieces(text, limit) if piece.body.strip()]


def pieces(text: str, limit: int = LIMIT) -> Iterator[Piece]:
    """The slices of `text`, in order: their bodies joined are the text, exactly."""
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"a message of {limit} characters has no room for code fences")
    page = _Page(text, limit)
    start = 0
    while start < len(text):
        end = page.cut(start)
        yield page.piece(start, end)
        start = end


def joined(messages: Sequence[str]) -> str:
    """The text that was split into `messages`, as far as they still tell.

    A block that was closed at the end of one and reopened at the start of the next becomes one
    again, and so do spoilers and emphasis. Which space stood at a cut is lost (Discord trims
    messages): a line's end stands there.
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
    """`message` without the line that opens a block again, if one stands at its beginning."""
    found = _REOPENED.match(message)
    return message[found.end() :] if found is not None else message


class _Page:
    """A text with its markup known, so that any place can be asked about."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._blocks = blocks(text)
        self._block_starts = [block.start for block in self._blocks]

    @cached_property
    def _seams(self) -> Seams:
        return Seams(self._text, Inline(self._text, self._blocks), self._block)

    def piece(self, start: int, end: int) -> Piece:
        """The message from `start` to `end`."""
        body = self._text[start:end]
        if start == 0 and end == len(self._text) and self._block(end) is None:
            return Piece(body, body)
        return Piece(self._seams.sewn(start, end), body)

    def cut(self, start: int) -> int:
        """Where the message that starts at `start` ends."""
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
        """The block that a cut at `place` would tear."""
        index = bisect_right(self._block_starts, place - 1) - 1
        if index < 0:
            return None
        block = self._blocks[index]
        return block if place < block.end or not block.is_closed else None

    def _before_block(self, start: int, end: int) -> int | None:
        """Where the block that `end` would tear begins, if it fits into a message of its own."""
        block = self._block(end)
        if block is None or block.start <= start or not self._text[start : block.start].strip():
            return None
        fits = self._fits(start, block.start) and self._fits(block.start, block.end)
        return block.start if fits else None

    def _places(self, kind: Cut, first: int, last: int) -> Iterable[int]:
        """The places where such a cut may be from `first` to `last`, in order."""
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
        """Whether a cut there leaves no empty block, and no markup torn that had better not be."""
        block = self._block(place)
        if kind is Cut.CODE_LINE:
            return block is not None and block.body < place < block.last
        return block is None and not self._seams.tears(place)

    def _hard_cut(self, start: int, end: int) -> int:
        """The last place that fits: in a word, but in no sign that people see as one."""
        best = min(end, len(self._text))
        while best > start + 1 and not self._fits(start, best):
            best -= 1
        for is_torn in (self._seams.mangles, self._is_glued):
            place = best
            while place > start + 1:
                before = is_torn(place, start)
                if before is None and self._fits(start, place):
                    return place
                place = place - 1 if before is None else before
        return best

    def _is_glued(self, place: int, start: int) -> int | None:
        return place - 1 if is_inside(self._text, place, start) else None
