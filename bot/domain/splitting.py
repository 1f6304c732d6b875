"""Cutting a long text into messages. Owns where to cut and what a torn code block needs.

The text itself is never changed: a piece is a slice of it, plus the fence lines that reopen and
close a block which the cut tore. What is sent, and when, is up to the stage.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

# Discord's API counts code points, as `len` does (its staff in discord-api-docs issue 1315).
LIMIT = 2000
# Below this there is no room for fences around words.
SMALLEST_LIMIT = 100

_OPENER = re.compile(
    r"(?P<lead>[ \t>]{0,24}(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)"
    r"(?P<run>`{3,12}(?!`)|~{3,12}(?!~))(?P<info>[^`\n]{0,80})$"
)
_CLOSED = re.compile(r"\n[ \t>]*(?P<run>`{3,12}|~{3,12})\s*\Z")
_REOPENED = re.compile(r"[ \t>]*(?P<run>`{3,12}|~{3,12})\S{0,20}\n")
_LANGUAGE_LIMIT = 20
# Inline markup that a cut at a space would tear: code, links, emphasis, spoilers, mentions.
_SPANS = re.compile(
    r"`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)|\*\*[^\n]+?\*\*|\|\|[^\n]+?\|\||~~[^\n]+?~~"
    r"|__[^\n]+?__|\*[^*\s][^*\n]*\*|<[^>\n]{1,80}>"
)
_SENTENCE_END = re.compile(r"[.!?…。!?][\"'”’»)\]*_]*\s+|[。!?]")
_WORD_END = re.compile(r"\s+")
_JOINERS = ("\u200d", "\ufe0f", "\ufe0e")


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
class Fence:
    """An open code block: the column and quote marks before it, its run, its language."""

    lead: str
    run: str
    language: str

    @property
    def opener(self) -> str:
        """The line that opens it anew."""
        return f"{self.lead}{self.run}{self.language}\n"

    @property
    def closer(self) -> str:
        """The line that closes it."""
        return f"{self.lead}{self.run}"

    def is_closed_by(self, line: str) -> bool:
        """Whether `line` ends the block.

        Discord ends a backtick block at the run wherever it stands, so one at the end of a line
        of code counts too; other fences need a line of their own, as CommonMark says.
        """
        bare = line.strip(" \t>\n")
        run = len(bare) - len(bare.rstrip(self.run[0]))
        return run >= len(self.run) and (self.run[0] == "`" or run == len(bare))


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


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: `text[start:end]` with its fence lines, and the `code` between them."""

    start: int
    end: int
    fence: Fence
    code: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    # The block that is open before the line's first character and after its last.
    opened: Fence | None
    left: Fence | None


def split(text: str, limit: int = LIMIT) -> list[str]:
    """`text` as messages of at most `limit` code points, in order; none of them blank."""
    return [piece.text for piece in pieces(text, limit) if piece.body.strip()]


def pieces(text: str, limit: int = LIMIT) -> list[Piece]:
    """The slices of `text`: their bodies joined are the text, exactly."""
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"a message of {limit} characters has no room for code fences")
    page = _Page(text, limit)
    made: list[Piece] = []
    start = 0
    while start < len(text):
        end = page.cut(start)
        made.append(page.piece(start, end))
        start = end
    return made


def blocks(text: str) -> list[Block]:
    """The blocks of code in `text`, in order; one that is never closed goes on to the end."""
    found: list[Block] = []
    begun: _Line | None = None
    for line in _lines(text):
        if begun is None and line.opened is None and line.left is not None:
            begun = line
        elif begun is not None and line.left is None:
            found.append(_block(text, begun, line))
            begun = None
    if begun is not None:
        found.append(_block(text, begun, None))
    return found


def _block(text: str, first: _Line, last: _Line | None) -> Block:
    assert first.left is not None
    fence = first.left
    if last is None:
        return Block(first.start, len(text), fence, text[first.end :])
    # Discord ends a block at the run wherever it stands: what is before it is code still.
    rest = text[last.start : last.end].rstrip().rstrip(fence.run[0])
    code = text[first.end : last.start] + (rest if rest.strip(" \t>") else "")
    return Block(first.start, last.end, fence, code)


def joined(messages: Sequence[str]) -> str:
    """The text that was split into `messages`, as far as they still tell.

    A block that was closed at the end of one and reopened at the start of the next becomes one
    again. Which space stood at a cut is lost (Discord trims messages): a line's end stands there.
    """
    text = ""
    for message in messages:
        closed, opened = _CLOSED.search(text), _REOPENED.match(message)
        if closed and opened and closed["run"] == opened["run"]:
            text = f"{text[: closed.start()]}\n{message[opened.end() :]}"
        else:
            text = f"{text.rstrip()}\n{message}" if text else message
    return text


class _Page:
    """A text with its lines and blocks known, so that any place can be asked about."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._lines = list(_lines(text))
        self._starts = [line.start for line in self._lines]

    def piece(self, start: int, end: int) -> Piece:
        return Piece(self._before(start), self._text[start:end], self._after(end))

    def cut(self, start: int) -> int:
        """Where the message that starts at `start` ends."""
        if self._fits(start, len(self._text)):
            return len(self._text)
        window = self._limit - len(self._before(start))
        whole = self._before_block(start, start + window)
        if whole is not None:
            return whole
        places = self._places(start, start + window)
        for kind, least in _LEAST_FILL.items():
            for place in reversed(places[kind]):
                if place - start < window * least:
                    break
                if self._fits(start, place):
                    return place
        return self._hard_cut(start, start + window)

    def _fits(self, start: int, end: int) -> bool:
        size = len(self._before(start)) + end - start + len(self._after(end))
        return size <= self._limit

    def _fence(self, place: int) -> Fence | None:
        """The block that is open at `place`."""
        if place >= len(self._text):
            return self._lines[-1].left
        return self._lines[bisect_right(self._starts, place) - 1].opened

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
        if self._fence(end) is None:
            return None
        first = last = bisect_right(self._starts, end) - 1
        while first > 0 and self._lines[first].opened is not None:
            first -= 1
        while last < len(self._lines) - 1 and self._lines[last].left is not None:
            last += 1
        begin, finish = self._lines[first].start, self._lines[last].end
        if begin <= start or not self._text[start:begin].strip():
            return None
        return begin if finish - begin <= self._limit - len(self._after(finish)) else None

    def _places(self, start: int, end: int) -> dict[Cut, list[int]]:
        """Every place for a cut in `(start, end]`, in order."""
        found: dict[Cut, list[int]] = {kind: [] for kind in Cut}
        index = bisect_right(self._starts, start) - 1
        for number in range(index, len(self._lines)):
            line = self._lines[number]
            if line.start >= end:
                break
            if line.opened is None and line.left is None:
                self._inside(line, start, end, found)
            if start < line.end <= end:
                kind = self._line_kind(number)
                if kind is not None:
                    found[kind].append(line.end)
        return found

    def _line_kind(self, number: int) -> Cut | None:
        """What a cut after this line would be; None where it would leave an empty block."""
        line = self._lines[number]
        following = self._lines[number + 1] if number + 1 < len(self._lines) else None
        if line.left is None:
            blank = not self._text[line.start : line.end].strip()
            after_block = line.opened is not None
            before_block = following is not None and following.left is not None
            return Cut.PARAGRAPH if blank or after_block or before_block else Cut.LINE
        if line.opened is None or (following is not None and following.left is None):
            return None
        return Cut.CODE_LINE

    def _inside(self, line: _Line, start: int, end: int, found: dict[Cut, list[int]]) -> None:
        """Sentences and words of one line of prose, outside of inline markup."""
        spans = [found.span() for found in _SPANS.finditer(self._text, line.start, line.end)]
        for kind, pattern in ((Cut.SENTENCE, _SENTENCE_END), (Cut.WORD, _WORD_END)):
            for match in pattern.finditer(self._text, max(line.start, start), min(line.end, end)):
                place = match.end()
                torn = any(first < place < last for first, last in spans)
                if start < place < line.end and not torn:
                    found[kind].append(place)

    def _hard_cut(self, start: int, end: int) -> int:
        """The last place that fits: in a word, but in no emoji, accent or run of backticks."""
        place = min(end, len(self._text))
        while not self._fits(start, place):
            place -= 1
        best = place
        while place > start + 1 and self._is_glued(place):
            place -= 1
        return best if self._is_glued(place) else place

    def _is_glued(self, place: int) -> bool:
        if place >= len(self._text):
            return False
        left, right = self._text[place - 1], self._text[place]
        return (
            (left == right and left in "`~")
            or right in _JOINERS
            or left == "\u200d"
            or unicodedata.combining(right) != 0
            or 0x1F3FB <= ord(right) <= 0x1F3FF  # skin tones
        )


def _lines(text: str) -> Iterator[_Line]:
    fence: Fence | None = None
    start = 0
    # Not `splitlines`: it also breaks at characters that are no line's end to Discord.
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        opened = fence
        if fence is None:
            fence = _opened_by(line)
        elif fence.is_closed_by(line):
            fence = None
        yield _Line(start, start + len(line), opened, fence)
        start += len(line)


def _opened_by(line: str) -> Fence | None:
    found = _OPENER.match(line.rstrip("\n"))
    if found is None:
        return None
    words = found["info"].split()
    language = words[0] if words and len(words[0]) <= _LANGUAGE_LIMIT else ""
    # A list's bullet must not be repeated: the block goes on at the column of its text.
    lead = re.sub(r"[^ \t>]", " ", found["lead"])
    return Fence(lead, found["run"], language)
