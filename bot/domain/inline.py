"""Parses inline markup: emphasis, spoilers, code, and atomic tokens such as mentions and links.

Follows Discord's clients (simple-markdown's rules, which are regular expressions tried at each
position in turn), in a single pass: positions where each delimiter can close are collected first,
so an opening delimiter finds its closing delimiter at once. Owns no cutting.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.domain.fences import Block
from bot.domain.fences import blocks as _blocks

# An escaped character, or a delimiter run.
_RUN = re.compile(r"\\[^0-9A-Za-z\s]|`+|\*+|_+|~~+|\|\|+")
# Closing delimiters of spoilers and inline code, which count even if escaped or in a code block.
_PIPES = re.compile(r"(?=\|\|)")
_TICKS = re.compile("`+")
_WORD = re.compile(r"\w")
# Of a longer delimiter run, only the last characters are tried singly.
_TRIED = 3
# Atomic tokens, useless when cut: mentions, custom emojis, timestamps, links, URLs. All bounded.
_WHOLE = re.compile(
    r"<(?:@[!&]?\d{1,20}|\#\d{1,20}|a?:\w{1,32}:\d{1,20}|t:-?\d{1,14}(?::[tTdDfFR])?"
    r"|id:\w{1,20}|/[^:<>\n]{1,100}:\d{1,20}|https?://[^<>\s]{1,400}+>?)>?"
    r"|\]\(\s?<?https?://(?:\([^\s()]{0,200}\)|[^\s()]){1,400}+(?:\s[\"'][^\"'\n()]{0,200}[\"'])?\)"
    r"|(?:https?|discord)://[^\s<>()]{1,400}+"
)
# Characters. A longer link label is cut like prose.
_LABEL_LIMIT = 200
# Scopes that emphasis cannot cross: the line of a heading or of small print, the lines of a quote,
# a list item with the lines indented under it.
_LINE = re.compile(r"[ ]*(?:>(?!>>) +)?(?:-#|#{1,3})[ ]")
_QUOTE = re.compile(r"[ ]*>(?!>>) +")
_ITEM = re.compile(r"[ ]*(?:[-*]|\d{1,9}\.) +")
_INDENTED = re.compile(r"[ ]+(?!(?:[-*]|\d{1,9}\.) )\S")


class Span(NamedTuple):
    """`text[start:end]`, including its two equal delimiters."""

    start: int
    end: int
    mark: str
    """The delimiter."""
    parent: int | None
    """Index of the enclosing span."""

    @property
    def is_code(self) -> bool:
        """Whether the span is inline code, in which other markup has no effect."""
        return self.mark[0] == "`"


class Inline:
    """The inline markup of a text outside its code blocks."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._prose = _Prose(text, blocks)
        self.spans = _Sweep(text, self._prose).spans
        self._starts = [span.start for span in self.spans]
        self.wholes = list(_wholes(text, self._prose))
        self._whole_starts = [start for start, _ in self.wholes]

    def around(self, place: int) -> list[Span]:
        """Return the spans that a cut at `place` splits, outermost first."""
        index: int | None = bisect_right(self._starts, place - 1) - 1
        torn: list[Span] = []
        while index is not None and index >= 0:
            span = self.spans[index]
            if span.start < place < span.end:
                torn.append(span)
            index = span.parent
        return torn[::-1]

    def whole(self, place: int) -> tuple[int, int] | None:
        """Return start and end of the atomic token that a cut at `place` would split, or None."""
        index = bisect_right(self._whole_starts, place - 1) - 1
        if index >= 0 and self.wholes[index][0] < place < self.wholes[index][1]:
            return self.wholes[index]
        return None


class _Prose:
    """The prose of a text, and the scopes of delimiters in it."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._text = text
        self._blocks = blocks
        self._line_end = -1
        self._scope = len(text)
        self._quote_end = self._item_end = 0

    def parts(self) -> Iterable[tuple[int, int]]:
        """Yield start and end of each range outside code blocks."""
        start = 0
        for block in self._blocks:
            yield start, block.run
            start = block.tail
        yield start, len(self._text)

    def scope(self, place: int, free: int) -> int:
        """Return the end of the scope of a delimiter at `place`. Call with increasing `place`.

        `free` is the end of the last outermost span: a line that starts before it begins no scope.
        """
        if place > self._line_end:
            self._look_at_line(place, free)
        return self._scope

    def _look_at_line(self, place: int, free: int) -> None:
        text = self._text
        start = text.rfind("\n", 0, place) + 1
        end = text.find("\n", place)
        self._line_end = end = end if end >= 0 else len(text)
        begins = start >= free
        if begins and start >= self._quote_end and _QUOTE.match(text, start):
            self._quote_end = self._reach(end, _QUOTE)
        if begins and start >= self._item_end and _ITEM.match(text, start):
            self._item_end = self._reach(end, _INDENTED)
        reaches = [limit for limit in (self._quote_end, self._item_end) if limit > start]
        if begins and _LINE.match(text, start):
            reaches.append(end)
        self._scope = min(reaches, default=len(text))

    def _reach(self, end: int, goes_on: re.Pattern[str]) -> int:
        """Return the end of the last consecutive line after `end` that matches `goes_on`."""
        text = self._text
        while end < len(text) and goes_on.match(text, end + 1):
            following = text.find("\n", end + 1)
            end = following if following >= 0 else len(text)
        return end


class _Sweep:
    """Finds the spans; at each position the first of Discord's rules that matches wins.

    A delimiter opens a span only if the span closes inside the enclosing span, so the open spans
    form a stack.
    """

    def __init__(self, text: str, prose: _Prose) -> None:
        self._text = text
        self._prose = prose
        runs = [
            found.span()
            for start, end in prose.parts()
            for found in _RUN.finditer(text, start, end)
            if found[0][0] != "\\"
        ]
        self._closers = _closers(text, runs)
        self._looked = dict.fromkeys(self._closers, 0)
        # Open spans: offset of the closing delimiter, the delimiter, the index in `spans`.
        self._open: list[tuple[int, str, int | None]] = [(len(text) + 1, " ", None)]
        self._free = 0  # end of the last outermost span
        self.spans: list[Span] = []
        for start, end in runs:
            self._take(start, end)

    def _take(self, start: int, end: int) -> None:
        """Close and open spans for the delimiter run from `start` to `end`."""
        place = start
        while place < end:
            closing, mark, _ = self._open[-1]
            if closing < place:
                self._open.pop()  # its closing delimiter is in no run: in code, or escaped
            elif closing == place:
                self._open.pop()
                place += len(mark)
            elif mark[0] == "`":
                return
            else:
                place = self._opened(place, min(end, closing))

    def _opened(self, place: int, end: int) -> int:
        """Open the span that begins at `place`, if any; return the offset to continue at."""
        limit, _, parent = self._open[-1]
        mark, after = "", 0
        for candidate in self._marks(place, end):
            size = len(candidate)
            behind = place + size + 1
            closing = self._closer(candidate, max(behind, end) if size == 1 else behind, limit)
            if closing is not None and closing + size > after:
                mark, after = candidate, closing + size
                if candidate[0] == "`":
                    break
        if not mark or (parent is None and after > self._prose.scope(place, self._free)):
            # The run may still open a span at its next character, or near its end.
            return max(place + 1, end - _TRIED)
        if parent is None:
            self._free = after
        self._open.append((after - len(mark), mark, len(self.spans)))
        self.spans.append(Span(place, after, mark, parent))
        return place + len(mark)

    def _closer(self, mark: str, place: int, limit: int) -> int | None:
        """Return where a `mark` that opened before `place` closes. Call with increasing `place`."""
        places = self._closers.get(mark)
        if places is None:
            return None
        at = self._looked[mark]
        while at < len(places) and places[at] < place:
            at += 1
        self._looked[mark] = at
        for closing in places[at : at + 3]:
            end = closing + len(mark)
            if end > limit:
                return None
            # In a longer run the last characters close.
            if end == limit or mark[0] not in "*_" or self._text[end : end + 1] != mark[0]:
                return closing if len(mark) > 1 or _may_close(self._text, closing) else None
        return None

    def _marks(self, place: int, end: int) -> tuple[str, ...]:
        """Return the delimiters that the run can open.

        The caller takes the delimiter of the longest span; of equally long spans, the first.
        """
        text, char, length = self._text, self._text[place], end - place
        if char == "`":
            return tuple(char * count for count in (length, 3, 2, 1) if count <= length)
        if length == 2 or char in "~|":
            return (char * 2,) if length >= 2 else ()
        double = (char * 2,) if length > 2 else ()
        before, after = text[place - 1 : place], text[end : end + 1]
        if not after or after.isspace() or (char == "_" and _WORD.match(before)):
            return double
        return (char, *double)


def _closers(text: str, runs: Iterable[tuple[int, int]]) -> Mapping[str, Sequence[int]]:
    """Return the offsets at which each delimiter can close, in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    places["||"] = [found.start() for found in _PIPES.finditer(text)]
    for found in _TICKS.finditer(text):
        places[found[0]].append(found.start())
    for start, end in runs:
        char, length = text[start], end - start
        if char == "~":
            places["~~"].append(start)
        elif char in "*_":
            # In a run of three, the first can close an inner span, the last an outer span.
            if length == 3:
                places[char * 2].append(start)
                places[char].append(start)
            if length >= 2:
                places[char * 2].append(end - 2)
            if length % 2:
                places[char].append(end - 1)
    return places


def _may_close(text: str, place: int) -> bool:
    """Return whether the single delimiter at `place` closes: not after a space or within a word.

    If the first candidate does not close, the opening delimiter opens nothing.
    """
    if text[place] == "_":
        return not text[place + 1 : place + 2].isalnum()
    return text[place] == "`" or not text[place - 1].isspace()


def _wholes(text: str, prose: _Prose) -> Iterable[tuple[int, int]]:
    for start, end in prose.parts():
        last = start
        for found in _WHOLE.finditer(text, start, end):
            begin = found.start()
            if text[begin] == "]":
                begin = _label(text, max(last, begin - _LABEL_LIMIT), begin)
            if found.end() - begin > 1:
                yield begin, found.end()
            last = found.end()


def _label(text: str, first: int, end: int) -> int:
    """Return the start of the link label whose closing bracket is at `end`."""
    depth, place = 0, end
    while place > first:
        place -= 1
        if text[place] == "]":
            depth += 1
        elif text[place] == "[":
            if depth == 0:
                return place
            depth -= 1
        elif text[place] == "\n":
            break
    return end


def veiled(text: str) -> str:
    """Return streaming text with an open spoiler closed, so that nobody reads the hidden words."""
    found = _blocks(text)
    marks = [place.start() for place in _PIPES.finditer(text)]
    if not marks:
        return text
    inline = Inline(text, found)
    last = max((span.end for span in inline.spans if span.mark == "||"), default=0)
    for place in marks:
        in_code = any(block.run <= place < block.tail for block in found)
        if place < last or in_code or any(span.is_code for span in inline.around(place + 1)):
            continue
        hidden = text[place + 2 :]
        if hidden.strip() and not hidden[0].isspace():
            return f"{text.rstrip()}||"
        return text if hidden.strip() else text[:place]
    return text
