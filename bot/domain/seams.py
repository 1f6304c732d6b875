"""Closes the markup that a cut splits at a message's end and reopens it in the next message.

Closes and reopens italics, bold, underline, strike-through, spoilers and inline code, repeats the
prefixes of quotes, headings and small print, and closes and reopens code blocks with their
language. `splitting` chooses where to cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.fences import Block
from bot.domain.graphemes import is_inside
from bot.domain.inline import Inline, Span

# Characters. A longer span is split at a space rather than moved to the next message as a whole.
KEPT_WHOLE = 400
# Characters. A span with a longer delimiter is left open: the delimiters would fill the messages.
_MARK_LIMIT = 12
# The prefix of a quote, then of a heading or small print.
_PREFIX = re.compile(r"[ ]{0,8}(?:>(?!>>) {1,8})?(?:(?:-#|#{1,3}) {1,8})?")
_QUOTED = re.compile(r"[ ]{0,8}>(?!>>) {1,8}")
_REST_QUOTED = re.compile(r"^ {0,8}>>> ", re.MULTILINE)
_BULLET = re.compile(r"[ ]{0,24}(?:[-*+]|\d{1,9}[.)]) {1,8}")


@dataclass(frozen=True, slots=True)
class _OpenMarkup:
    """The markup that is open at a cut."""

    block: Block | None
    """The code block that the cut splits."""
    spans: tuple[Span, ...]
    """The spans that the cut splits, outermost first."""
    outside: str = ""
    """Delimiters that reopen the spans that began before the line."""
    prefix: str = ""
    """Prefix of the line: quote, heading, small print."""
    inside: str = ""
    """Delimiters that reopen the spans that began in the line."""


class Seams:
    """Closes and reopens the markup of a text. `block` returns the code block that a cut splits."""

    def __init__(self, text: str, inline: Inline, block: Callable[[int], Block | None]) -> None:
        self._text = text
        self._inline = inline
        self._block = block
        rest = (found.end() for found in _REST_QUOTED.finditer(text))
        # `>>> ` quotes the rest of the text.
        self._quoted_from = next((end for end in rest if block(end) is None), len(text) + 1)
        self._open_at = lru_cache(maxsize=8)(self._find_open)

    def sewn(self, start: int, end: int) -> str:
        """Return the message from `start` to `end` with its markup reopened and closed."""
        begun, ended = self._open_at(start), self._open_at(end)
        body = self._text[start:end]
        after = self._closing(ended, end)
        if ended.block is not None:
            body += after
        elif after:
            # Italics do not close after a space; Discord trims white space at the end anyway.
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
        """Return how many characters it takes to reopen the markup after a cut at `place`."""
        return len(self._opening(self._open_at(place)))

    def after(self, place: int) -> int:
        """Return how many characters it takes to close the markup before a cut at `place`."""
        return len(self._closing(self._open_at(place), place))

    def tears(self, place: int) -> bool:
        """Return whether a cut at `place`, the end of a word, splits markup worth keeping whole."""
        if self._inline.whole(place) is not None or self._in_prefix(place):
            return True
        spans = self._open_at(place).spans
        return any(
            span.end - span.start <= KEPT_WHOLE or self._is_bare(span, place) for span in spans
        )

    def mangles(self, place: int, start: int) -> int | None:
        """Return the next candidate if a cut at `place` splits a grapheme, delimiter or token.

        None if the cut is clean. `start` is the start of the message.
        """
        if place >= len(self._text):
            return None
        whole = self._inline.whole(place)
        if whole is not None:
            return whole[0] if whole[0] > start else place - 1
        left, right = self._text[place - 1], self._text[place]
        splits = (
            (left == right and left in "`~*_|")
            or (left == "\\")
            or is_inside(self._text, place, start)
            or self._in_prefix(place)
            or any(self._is_bare(span, place) for span in self._open_at(place).spans)
        )
        return place - 1 if splits else None

    def _find_open(self, place: int) -> _OpenMarkup:
        if not 0 < place < len(self._text):
            return _OpenMarkup(self._open_block(place), ())
        spans = tuple(span for span in self._inline.around(place) if len(span.mark) <= _MARK_LIMIT)
        rest = ">>> " if place >= self._quoted_from else ""
        block = self._open_block(place)
        if block is not None:
            return _OpenMarkup(block, spans, outside=rest + _marks(spans))
        line = self._text.rfind("\n", 0, place) + 1
        found = _PREFIX.match(self._text, line)
        outer = tuple(span for span in spans if span.start < line)
        # A span that crosses the line's start cancels the line's prefix.
        begins = found is not None and found.end() < place and not self._inline.around(line)
        prefix = found[0] if found is not None and begins else ""
        inner = spans[len(outer) :]
        return _OpenMarkup(None, spans, rest + _marks(outer), prefix, _marks(inner))

    def _open_block(self, place: int) -> Block | None:
        """Return the code block whose code continues after `place`."""
        block = self._block(place)
        return block if block is not None and place >= block.body else None

    def _opening(self, markup: _OpenMarkup) -> str:
        fence = markup.block.fence.opener if markup.block is not None else ""
        return markup.outside + fence + markup.prefix + markup.inside

    def _closing(self, markup: _OpenMarkup, place: int) -> str:
        marks = "".join(span.mark for span in reversed(markup.spans))
        if markup.block is None:
            return marks
        closer = markup.block.fence.closer + marks
        return closer if self._text[place - 1 : place] == "\n" else f"\n{closer}"

    def _is_bare(self, span: Span, place: int) -> bool:
        """Return whether a cut leaves a side of `span` without words, or splits its delimiter."""
        first, last = span.start + len(span.mark), span.end - len(span.mark)
        near = 80  # characters to look at; nobody writes longer runs of white space
        before = self._text[max(first, place - near) : place] if place > first else ""
        behind = self._text[place : min(last, place + near)] if place < last else ""
        return not before.strip() or not behind.strip()

    def _in_prefix(self, place: int) -> bool:
        """Return whether a cut would separate a line's prefix or bullet from the line."""
        line = self._text.rfind("\n", max(0, place - 40), place) + 1
        if line == 0 and place > 40:
            return False
        found = _BULLET.match(self._text, line) or _PREFIX.match(self._text, line)
        return found is not None and line < place <= found.end()

    def _in_quote(self, place: int) -> bool:
        return _QUOTED.match(self._text, self._text.rfind("\n", 0, place) + 1) is not None


def _marks(spans: tuple[Span, ...]) -> str:
    return "".join(span.mark for span in spans)
