"""Code blocks in a text: where they begin and end, and the lines that reopen and close a block.

Linear in the length of any text: each pattern is anchored at the start of a line or a run, and its
quantifiers are bounded or possessive.
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
    """The opening line of a code block."""

    lead: str
    """Indentation and quote marks before the run."""
    run: str
    """The run of backticks or tildes."""
    language: str

    @property
    def opener(self) -> str:
        """The line that reopens the block."""
        return f"{self.lead}{self.run}{self.language}\n"

    @property
    def closer(self) -> str:
        """The line that closes the block."""
        return f"{self.lead}{self.run}"


class Block(NamedTuple):
    """A code block in a text. Every field but the fence is an offset into the text."""

    fence: Fence
    start: int
    """Start of the opening line."""
    run: int
    """Start of the opening run; the text before it on its line is prose."""
    body: int
    """Start of the first line of code."""
    last: int
    """Start of the closing line; the text's end if the block is never closed."""
    tail: int
    """End of the closing run; the text after it on its line is prose."""
    end: int
    """End of the closing line, including its line break."""

    @property
    def is_closed(self) -> bool:
        """Whether the text closes the block."""
        return self.last < self.tail

    def code(self, text: str) -> str:
        """Return the code between the fences."""
        code = text[self.body : self.last]
        # Discord ends a block at a run anywhere in a line: the text before the run is still code.
        rest = text[self.last : self.tail].rstrip().rstrip(self.fence.run[0])
        return code + (rest if rest.strip(" \t>") else "")


def blocks(text: str) -> list[Block]:
    """Return the code blocks in `text`, in order; an unclosed block extends to the end."""
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
    """Return the block whose opener is `opened`. Called thousands of times for some texts."""
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
    # Replaces a list's bullet by spaces: a reopened block continues the list item.
    return Fence(_BULLET.sub(" ", lead) if lead else "", run, language)


@lru_cache(maxsize=32)
def _closer(mark: str, length: int) -> re.Pattern[str]:
    """Return the pattern of the fence that closes a run of `length` times `mark`.

    Discord ends a backtick block at the run wherever it stands, so a run at the end of a line of
    code counts too; tilde fences need a line of their own, as in CommonMark.
    """
    if mark == "`":
        return re.compile(rf"(?<!`)(?P<run>`{{{length},}}+)(?:\|\|)?[ \t]*+$", re.MULTILINE)
    return re.compile(rf"^[ \t>]*+(?P<run>~{{{length},}}+)(?:\|\|)?[ \t]*+$", re.MULTILINE)
