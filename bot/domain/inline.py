"""Inline markup in a text: emphasis, spoilers, code, and what means something only as a whole.

Reads what Discord's clients read (simple-markdown's rules, which are regular expressions tried at
one place after the other), in one sweep: the places where each mark can close are collected first,
so a mark knows at once whether it is closed, and where. Owns no cutting.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.domain.fences import Block
from bot.domain.fences import blocks as _blocks

# An escaped sign, and the runs that inline markup is made of.
_RUN = re.compile(r"\\[^0-9A-Za-z\s]|`+|\*+|_+|~~+|\|\|+")
# What closes a spoiler and inline code stands there escaped or not, in a block of code or not.
_PIPES = re.compile(r"(?=\|\|)")
_TICKS = re.compile("`+")
_WORD = re.compile(r"\w")
# Of a longer run of one sign only the last are tried one by one.
_TRIED = 3
# What is torn to no use: mentions, custom emojis, timestamps, links, addresses. All bounded.
_WHOLE = re.compile(
    r"<(?:@[!&]?\d{1,20}|\#\d{1,20}|a?:\w{1,32}:\d{1,20}|t:-?\d{1,14}(?::[tTdDfFR])?"
    r"|id:\w{1,20}|/[^:<>\n]{1,100}:\d{1,20}|https?://[^<>\s]{1,400}+>?)>?"
    r"|\]\(\s?<?https?://(?:\([^\s()]{0,200}\)|[^\s()]){1,400}+(?:\s[\"'][^\"'\n()]{0,200}[\"'])?\)"
    r"|(?:https?|discord)://[^\s<>()]{1,400}+"
)
# A label longer than this is no link's: it is cut as prose is.
_LABEL_LIMIT = 200
# What marks inside it do not reach out of: one line of a heading or of small print, a quote's
# lines, an item of a list with the lines that are indented under it.
_LINE = re.compile(r"[ ]*(?:>(?!>>) +)?(?:-#|#{1,3})[ ]")
_QUOTE = re.compile(r"[ ]*>(?!>>) +")
_ITEM = re.compile(r"[ ]*(?:[-*]|\d{1,9}\.) +")
_INDENTED = re.compile(r"[ ]+(?!(?:[-*]|\d{1,9}\.) )\S")


class Span(NamedTuple):
    """`text[start:end]` between two equal marks, both included."""

    start: int
    end: int
    mark: str
    parent: int | None
    """The index of the span around it."""

    @property
    def is_code(self) -> bool:
        """Whether it is inline code, in which no other markup means anything."""
        return self.mark[0] == "`"


class Inline:
    """The inline markup of one text, outside of its blocks of code."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._prose = _Prose(text, blocks)
        self.spans = _Sweep(text, self._prose).spans
        self._starts = [span.start for span in self.spans]
        self.wholes = list(_wholes(text, self._prose))
        self._whole_starts = [start for start, _ in self.wholes]

    def around(self, place: int) -> list[Span]:
        """The spans that a cut at `place` tears, outermost first."""
        index: int | None = bisect_right(self._starts, place - 1) - 1
        torn: list[Span] = []
        while index is not None and index >= 0:
            span = self.spans[index]
            if span.start < place < span.end:
                torn.append(span)
            index = span.parent
        return torn[::-1]

    def whole(self, place: int) -> tuple[int, int] | None:
        """What a cut at `place` would tear to no use, as start and end."""
        index = bisect_right(self._whole_starts, place - 1) - 1
        if index >= 0 and self.wholes[index][0] < place < self.wholes[index][1]:
            return self.wholes[index]
        return None


class _Prose:
    """Which parts of a text are prose, and how far marks reach in them."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._text = text
        self._blocks = blocks
        self._line_end = -1
        self._scope = len(text)
        self._quote_end = self._item_end = 0

    def parts(self) -> Iterable[tuple[int, int]]:
        """The ranges outside of blocks."""
        start = 0
        for block in self._blocks:
            yield start, block.run
            start = block.tail
        yield start, len(self._text)

    def scope(self, place: int, free: int) -> int:
        """Where a mark that opens at `place` has to be closed; asked with growing places.

        `free` is where the last mark before it was closed: in front of that no line begins.
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
        """The end of the last of the lines from the one that ends at `end` that go on like it."""
        text = self._text
        while end < len(text) and goes_on.match(text, end + 1):
            following = text.find("\n", end + 1)
            end = following if following >= 0 else len(text)
        return end


class _Sweep:
    """Finds the spans: what opens at a place is what the first of Discord's rules says that fits.

    A mark opens only if it is closed before what is around it is, so the open ones form a stack.
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
        # The open ones: where the closing mark stands, the mark, the index in `spans`.
        self._open: list[tuple[int, str, int | None]] = [(len(text) + 1, " ", None)]
        self._free = 0  # where the last outermost span ends
        self.spans: list[Span] = []
        for start, end in runs:
            self._take(start, end)

    def _take(self, start: int, end: int) -> None:
        """Close and open what the run of one sign at `start` closes and opens."""
        place = start
        while place < end:
            closing, mark, _ = self._open[-1]
            if closing < place:
                self._open.pop()  # closed by what stands in no run: in code, or escaped
            elif closing == place:
                self._open.pop()
                place += len(mark)
            elif mark[0] == "`":
                return
            else:
                place = self._opened(place, min(end, closing))

    def _opened(self, place: int, end: int) -> int:
        """Open what opens at `place`, if anything does; gives where to go on."""
        limit, _, parent = self._open[-1]
        mark, after = "", 0
        for one in self._marks(place, end):
            behind = place + len(one) + 1
            closing = self._closer(one, max(behind, end) if len(one) == 1 else behind, limit)
            if closing is not None and closing + len(one) > after:
                mark, after = one, closing + len(one)
                if one[0] == "`":
                    break
        if not mark or (parent is None and after > self._prose.scope(place, self._free)):
            # What opens nothing here may do so from its next sign on, or near its end.
            return max(place + 1, end - _TRIED)
        if parent is None:
            self._free = after
        self._open.append((after - len(mark), mark, len(self.spans)))
        self.spans.append(Span(place, after, mark, parent))
        return place + len(mark)

    def _closer(self, mark: str, place: int, limit: int) -> int | None:
        """Where the `mark` that opened before `place` closes; asked with growing places."""
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
            # In a longer run of the sign it is the last that closes.
            if end == limit or mark[0] not in "*_" or self._text[end : end + 1] != mark[0]:
                return closing if len(mark) > 1 or _may_close(self._text, closing) else None
        return None

    def _marks(self, place: int, end: int) -> tuple[str, ...]:
        """What the run can open; the longest is taken, of two that are as long the first."""
        text, sign, length = self._text, self._text[place], end - place
        if sign == "`":
            return tuple(sign * count for count in (length, 3, 2, 1) if count <= length)
        if length == 2 or sign in "~|":
            return (sign * 2,) if length >= 2 else ()
        double = (sign * 2,) if length > 2 else ()
        before, after = text[place - 1 : place], text[end : end + 1]
        if not after or after.isspace() or (sign == "_" and _WORD.match(before)):
            return double
        return (sign, *double)


def _closers(text: str, runs: Iterable[tuple[int, int]]) -> Mapping[str, Sequence[int]]:
    """The places where each mark can close, in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    places["||"] = [found.start() for found in _PIPES.finditer(text)]
    for found in _TICKS.finditer(text):
        places[found[0]].append(found.start())
    for start, end in runs:
        sign, length = text[start], end - start
        if sign == "~":
            places["~~"].append(start)
        elif sign in "*_":
            # The first of three can close what is inside of another mark that the last closes.
            if length == 3:
                places[sign * 2].append(start)
                places[sign].append(start)
            if length >= 2:
                places[sign * 2].append(end - 2)
            if length % 2:
                places[sign].append(end - 1)
    return places


def _may_close(text: str, place: int) -> bool:
    """Whether the single sign at `place` closes: not behind a space, not in a word.

    Where the first one after it does not, a single sign opens nothing.
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
    """Where the link's label begins whose closing bracket stands at `end`."""
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
    """A text that is still being written, with a spoiler closed that it has opened.

    What is to be hidden would be read until the closing mark comes.
    """
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
