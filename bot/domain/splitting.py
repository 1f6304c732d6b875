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
from bot.domain.fences import Block, Fence, blocks
from bot.domain.graphemes import is_inside
from bot.domain.inline import Inline

# Discord's API counts code points, as `len` does (its staff in discord-api-docs issue 1315).
LIMIT = 2000
# Below this there is no room for fences around words.
SMALLEST_LIMIT = 100

_CLOSED = re.compile(r"\n[ \t>]{0,24}(?P<run>`{3,12}|~{3,12})\Z")
_REOPENED = re.compile(r"[ \t>]{0,24}(?P<run>`{3,12}|~{3,12})\S{0,20}\n")
_BLANK_LINE = re.compile(r"(?<=\n)[^\S\n]*+\n")
_LINE_END = re.compile("\n")
_WORD_END = re.compile(r"\s+")
# A longer stretch of markup is torn at a space rather than moved to the next message as a whole.
_KEPT_WHOLE = 400


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
    """One message: `before` and `after` are fence lines of ours, `body` is a slice of the text."""

    before: str
    body: str
    after: str

    @property
    def text(self) -> str:
        """What is sent."""
        return self.before + self.body + self.after


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
    again. Which space stood at a cut is lost (Discord trims messages): a line's end stands there.
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
        else:
            parts[-1:] = [above, message]
    return "\n".join(parts)


class _Page:
    """A text with its markup known, so that any place can be asked about."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._blocks = blocks(text)
        self._block_starts = [block.start for block in self._blocks]

    @cached_property
    def _inline(self) -> Inline:
        return Inline(self._text, self._blocks)

    def piece(self, start: int, end: int) -> Piece:
        """The message from `start` to `end`."""
        return Piece(self._before(start), self._text[start:end], self._after(end))

    def cut(self, start: int) -> int:
        """Where the message that starts at `start` ends."""
        if self._fits(start, len(self._text)):
            return len(self._text)
        window = self._limit - len(self._before(start))
        whole = self._before_block(start, start + window)
        if whole is not None:
            return whole
        for kind, least in _LEAST_FILL.items():
            first = start + max(1, int(window * least))
            for place in reversed(list(self._places(kind, first, start + window))):
                if self._fits(start, place):
                    return place
        return self._hard_cut(start, start + window)

    def _fits(self, start: int, end: int) -> bool:
        size = len(self._before(start)) + end - start + len(self._after(end))
        return size <= self._limit

    def _block(self, place: int) -> Block | None:
        """The block that a cut at `place` would tear."""
        index = bisect_right(self._block_starts, place - 1) - 1
        if index < 0:
            return None
        block = self._blocks[index]
        return block if place < block.end or not block.is_closed else None

    def _fence(self, place: int) -> Fence | None:
        """The block that is open at `place`."""
        block = self._block(place)
        return block.fence if block is not None and place >= block.body else None

    def _before(self, place: int) -> str:
        fence = self._fence(place)
        return fence.opener if fence else ""

    def _after(self, place: int) -> str:
        fence = self._fence(place)
        if fence is None:
            return ""
        return fence.closer if self._text[place - 1] == "\n" else f"\n{fence.closer}"

    def _before_block(self, start: int, end: int) -> int | None:
        """Where the block that `end` would tear begins, if it fits into a message of its own."""
        block = self._block(end)
        if block is None or block.start <= start or not self._text[start : block.start].strip():
            return None
        fits = block.end - block.start <= self._limit - len(self._after(block.end))
        return block.start if fits else None

    def _places(self, kind: Cut, first: int, last: int) -> Iterable[int]:
        """The places for such a cut from `first` to `last`, in order."""
        text = self._text
        match kind:
            case Cut.PARAGRAPH:
                blank = (found.end() for found in _BLANK_LINE.finditer(text, first - 1, last))
                edges = self._block_edges(first, last)
                places = {place for place in (*blank, *edges) if first <= place <= last}
                return (place for place in sorted(places) if self._block(place) is None)
            case Cut.LINE | Cut.CODE_LINE:
                ends = (found.end() for found in _LINE_END.finditer(text, first - 1, last))
                in_code = kind is Cut.CODE_LINE
                return (place for place in ends if self._ends_line(place, in_code=in_code))
            case Cut.SENTENCE:
                return self._in_prose(sentences.END, first, last)
            case Cut.WORD:
                return self._in_prose(_WORD_END, first, last)

    def _block_edges(self, first: int, last: int) -> Iterator[int]:
        begin = max(0, bisect_right(self._block_starts, first) - 1)
        for block in self._blocks[begin : bisect_right(self._block_starts, last)]:
            yield block.start
            yield block.end

    def _ends_line(self, place: int, *, in_code: bool) -> bool:
        """Whether a cut at this line's end leaves no empty block."""
        block = self._block(place)
        if block is None:
            return not in_code
        return in_code and block.body < place < block.last

    def _in_prose(self, pattern: re.Pattern[str], first: int, last: int) -> Iterator[int]:
        for found in pattern.finditer(self._text, max(0, first - 1), last):
            place = found.end()
            if place >= first and self._block(place) is None and not self._tears(place):
                yield place

    def _tears(self, place: int) -> bool:
        """Whether a cut would tear markup that had better go on as a whole."""
        torn = self._inline.around(place)
        return self._inline.whole(place) is not None or any(
            span.end - span.start <= _KEPT_WHOLE for span in torn
        )

    def _hard_cut(self, start: int, end: int) -> int:
        """The last place that fits: in a word, but in no emoji, accent or run of backticks."""
        place = min(end, len(self._text))
        while not self._fits(start, place):
            place -= 1
        best = place
        while place > start + 1 and self._is_glued(place, start):
            place -= 1
        return best if self._is_glued(place, start) else place

    def _is_glued(self, place: int, start: int) -> bool:
        if place >= len(self._text):
            return False
        left, right = self._text[place - 1], self._text[place]
        return (left == right and left in "`~") or is_inside(self._text, place, start)
