"""Blocks of code in a text. Owns where they begin and end, and the lines that reopen and close one.

Linear in the text, whatever it is: each pattern is anchored at a line's start or a run's, and what
follows is bounded or possessive.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# A spoiler may begin right before a block: “||```” on one line, “```||” on another.
_OPENER = re.compile(
    r"^(?P<lead>[ \t>]{0,24}(?:(?:[-*+]|\d{1,3}[.)])[ \t]{1,24})?)(?:\|\|)?"
    r"(?P<run>`{3,12}(?!`)|~{3,12}(?!~))(?P<info>[^`|\n]{0,80})$",
    re.MULTILINE,
)
_LANGUAGE_LIMIT = 20
_BULLET = re.compile(r"[^ \t>]")


class Fence(NamedTuple):
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


class Block(NamedTuple):
    """A block of code in a text; every field but the fence is an index into it."""

    fence: Fence
    start: int
    """The start of the opening line."""
    run: int
    """Where the opening run stands in that line: what is before it is prose."""
    body: int
    """The start of the first line of code."""
    last: int
    """The start of the closing line; the text's end when the block is never closed."""
    tail: int
    """Behind the closing run: what follows it in its line is prose."""
    end: int
    """The end of the closing line, its line break included."""

    @property
    def is_closed(self) -> bool:
        """Whether the text itself closes it."""
        return self.last < self.tail

    def code(self, text: str) -> str:
        """What stands between the fence lines."""
        code = text[self.body : self.last]
        # Discord ends a block at the run wherever it stands: what is before it is code still.
        rest = text[self.last : self.tail].rstrip().rstrip(self.fence.run[0])
        return code + (rest if rest.strip(" \t>") else "")


def blocks(text: str) -> list[Block]:
    """The blocks of code in `text`, in order; one that is never closed goes on to the end."""
    found: list[Block] = []
    if "```" not in text and "~~~" not in text:
        return found
    at, size = 0, len(text)
    while (opened := _OPENER.search(text, at)) is not None:
        block = _block(text, opened, size)
        found.append(block)
        if (at := block.end) >= size:
            break
    return found


def _block(text: str, opened: re.Match[str], size: int) -> Block:
    """The block that is `opened` in a text of that size. There may be thousands of them."""
    lead, run, info = opened.group(1, 2, 3)
    fence = _fence(lead, run, info) if lead or info else Fence("", run, "")
    start, opener = opened.start(), opened.start(2)
    body = min(opened.end() + 1, size)
    closed = _closer(run[0], len(run)).search(text, body)
    if closed is None:
        return Block(fence, start, opener, body, size, size, size)
    closer, tail = closed.span(1)
    last = max(body, text.rfind("\n", body, closer) + 1)
    line_end = text.find("\n", tail)
    return Block(fence, start, opener, body, last, tail, line_end + 1 if line_end >= 0 else size)


def _fence(lead: str, run: str, info: str) -> Fence:
    words = info.split(maxsplit=1)
    language = words[0] if words and len(words[0]) <= _LANGUAGE_LIMIT else ""
    # A list's bullet must not be repeated: the block goes on at the column of its text.
    return Fence(_BULLET.sub(" ", lead) if lead else "", run, language)


@lru_cache(maxsize=32)
def _closer(mark: str, length: int) -> re.Pattern[str]:
    """What ends a block that such a run opened.

    Discord ends a backtick block at the run wherever it stands, so one at the end of a line of
    code counts too; other fences need a line of their own, as CommonMark says.
    """
    if mark == "`":
        return re.compile(rf"(?<!`)(?P<run>`{{{length},}}+)(?:\|\|)?[ \t]*+$", re.MULTILINE)
    return re.compile(rf"^[ \t>]*+(?P<run>~{{{length},}}+)(?:\|\|)?[ \t]*+$", re.MULTILINE)
