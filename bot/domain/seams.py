"""What a cut tears, and what sews it: the signs that close markup at a message's end and open it
again at the start of the next. Owns those signs, not the choice of the place.

Italics, bold, underline, strike-through, spoilers and inline code are closed and reopened, quotes,
headings and small print begun anew, blocks of code closed and reopened with their language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.fences import Block
from bot.domain.graphemes import is_inside
from bot.domain.inline import Inline, Span

# A longer stretch of markup is torn at a space rather than moved to the next message as a whole.
KEPT_WHOLE = 400
# A longer run of backticks is left open: its signs would fill the messages.
_MARK_LIMIT = 12
# What makes a line a quote, a heading or small print, in this order.
_PREFIX = re.compile(r"[ ]{0,8}(?:>(?!>>) {1,8})?(?:(?:-#|#{1,3}) {1,8})?")
_QUOTED = re.compile(r"[ ]{0,8}>(?!>>) {1,8}")
_REST_QUOTED = re.compile(r"^ {0,8}>>> ", re.MULTILINE)
_BULLET = re.compile(r"[ ]{0,24}(?:[-*+]|\d{1,9}[.)]) {1,8}")


@dataclass(frozen=True, slots=True)
class _Torn:
    """What is open at a place: the block, the spans outermost first, and what begins its line."""

    block: Block | None
    spans: tuple[Span, ...]
    outside: str = ""
    """Opens what was open before the line began."""
    prefix: str = ""
    """Makes the rest of the line what the line is."""
    inside: str = ""
    """Opens what the line itself opened."""


class Seams:
    """The seams of one text. `block` gives the block of code that a cut at a place would tear."""

    def __init__(self, text: str, inline: Inline, block: Callable[[int], Block | None]) -> None:
        self._text = text
        self._inline = inline
        self._block = block
        rest = (found.end() for found in _REST_QUOTED.finditer(text))
        # `>>> ` quotes all that follows.
        self._quoted_from = next((end for end in rest if block(end) is None), len(text) + 1)
        self._torn = lru_cache(maxsize=8)(self._look)

    def sewn(self, start: int, end: int) -> str:
        """The message from `start` to `end`, with what it takes to read as it did."""
        begun, torn = self._torn(start), self._torn(end)
        body = self._text[start:end]
        after = self._closing(torn, end)
        if torn.block is not None:
            body += after
        elif after:
            # Italics do not close behind a space; Discord trims what stands at the end.
            bare = body.rstrip()
            body = bare + after + body[len(bare) :]
        if begun.block is not None:
            return self._opening(begun) + body
        lead = len(body) - len(body.lstrip())
        if not begun.prefix and begun.spans and self._in_quote(begun.spans[0].start):
            quoted = _QUOTED.match(body)
            lead = quoted.end() if quoted else lead
        return body[:lead] + self._opening(begun) + body[lead:]

    def before(self, place: int) -> int:
        """How many characters reopen what a cut at `place` tears."""
        return len(self._opening(self._torn(place)))

    def after(self, place: int) -> int:
        """How many characters close what a cut at `place` tears."""
        return len(self._closing(self._torn(place), place))

    def tears(self, place: int) -> bool:
        """Whether a cut at `place`, at the end of a word, had better be somewhere else."""
        if self._inline.whole(place) is not None or self._in_prefix(place):
            return True
        spans = self._torn(place).spans
        return any(
            span.end - span.start <= KEPT_WHOLE or self._is_bare(span, place) for span in spans
        )

    def mangles(self, place: int, start: int) -> int | None:
        """Where to look next when a cut at `place` tears what is one sign; None when it does not.

        `start` is where the message begins.
        """
        if place >= len(self._text):
            return None
        whole = self._inline.whole(place)
        if whole is not None:
            return whole[0] if whole[0] > start else place - 1
        left, right = self._text[place - 1], self._text[place]
        torn = (
            (left == right and left in "`~*_|")
            or (left == "\\")
            or is_inside(self._text, place, start)
            or self._in_prefix(place)
            or any(self._is_bare(span, place) for span in self._torn(place).spans)
        )
        return place - 1 if torn else None

    def _look(self, place: int) -> _Torn:
        if not 0 < place < len(self._text):
            return _Torn(self._open_block(place), ())
        spans = tuple(span for span in self._inline.around(place) if len(span.mark) <= _MARK_LIMIT)
        rest = ">>> " if place >= self._quoted_from else ""
        block = self._open_block(place)
        if block is not None:
            return _Torn(block, spans, outside=rest + _marks(spans))
        line = self._text.rfind("\n", 0, place) + 1
        found = _PREFIX.match(self._text, line)
        outer = tuple(span for span in spans if span.start < line)
        # Where a span goes on over a line's start, that line begins with nothing.
        begins = found is not None and found.end() < place and not self._inline.around(line)
        prefix = found[0] if found is not None and begins else ""
        inner = spans[len(outer) :]
        return _Torn(None, spans, rest + _marks(outer), prefix, _marks(inner))

    def _open_block(self, place: int) -> Block | None:
        """The block whose code goes on behind `place`."""
        block = self._block(place)
        return block if block is not None and place >= block.body else None

    def _opening(self, torn: _Torn) -> str:
        fence = torn.block.fence.opener if torn.block is not None else ""
        return torn.outside + fence + torn.prefix + torn.inside

    def _closing(self, torn: _Torn, place: int) -> str:
        marks = "".join(span.mark for span in reversed(torn.spans))
        if torn.block is None:
            return marks
        closer = torn.block.fence.closer + marks
        return closer if self._text[place - 1 : place] == "\n" else f"\n{closer}"

    def _is_bare(self, span: Span, place: int) -> bool:
        """Whether a cut would leave one side of the span without a word, or tears its mark."""
        first, last = span.start + len(span.mark), span.end - len(span.mark)
        near = 80  # more space than this is nobody's
        before = self._text[max(first, place - near) : place] if place > first else ""
        behind = self._text[place : min(last, place + near)] if place < last else ""
        return not before.strip() or not behind.strip()

    def _in_prefix(self, place: int) -> bool:
        """Whether a cut would part what begins a line from the line."""
        line = self._text.rfind("\n", max(0, place - 40), place) + 1
        if line == 0 and place > 40:
            return False
        found = _BULLET.match(self._text, line) or _PREFIX.match(self._text, line)
        return found is not None and line < place <= found.end()

    def _in_quote(self, place: int) -> bool:
        return _QUOTED.match(self._text, self._text.rfind("\n", 0, place) + 1) is not None


def _marks(spans: tuple[Span, ...]) -> str:
    return "".join(span.mark for span in spans)
