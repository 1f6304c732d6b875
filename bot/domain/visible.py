"""Whether a text contains anything that people can see. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import Final

from bot.domain.fences import blocks

# Code points without a glyph in spite of their category: Hangul fillers, the Braille blank, the
# musical null notehead, Khmer inherent vowels, the grapheme joiner, variation selectors.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
# Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9, table 4).
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SMALL_PRINT: Final = "-#"
# Fence lines to read before a text counts as empty.
_FENCES_READ: Final = 1_000
_MARKS: Final = frozenset("*_~`|>#\\")
_HALF: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def bare(text: str) -> str:
    """Return `text` without invisible characters: spaces of any width, controls, fillers."""
    seen = (char for char in _BLANK.sub("", text) if not _is_unseen(char))
    return "".join(seen)


def sound(text: str) -> str:
    """Return `text` with lone surrogates, which can be neither stored nor sent, replaced."""
    if _HALF.search(text) is None:
        return text
    return _HALF.sub("\ufffd", _PAIR.sub(_joined, text))


def without_turning(text: str) -> str:
    """Return `text` without bidirectional controls, which would affect any text after it.

    Right-to-left scripts are displayed correctly without them.
    """
    return _TURNING.sub("", text)


def says_nothing(text: str) -> bool:
    """Return whether `text` consists of markup and invisible characters only.

    A single markup character is an answer: “Which character makes italics?” – “*”.
    """
    if len(text.strip()) == 1:
        return not _is_seen(text)
    if not _is_said(text):
        return True
    lines = text.split("\n")
    if _is_said("\n".join(line for line in lines if not _may_fence(line))):
        return False
    # Any visible text is on lines that open or close a code block, or appear to.
    text = "\n".join(islice(filter(_may_fence, lines), _FENCES_READ))
    left: list[str] = []
    start = 0
    for block in blocks(text):
        left.append(text[start : block.start])
        if block.body < block.tail:
            left.append(block.code(text))
        start = block.end
    return not _is_said("".join([*left, text[start:]]))


def _may_fence(line: str) -> bool:
    return "```" in line or "~~~" in line


def _is_said(text: str) -> bool:
    """Return whether people see anything of `text` but markup."""
    return _is_seen(text.replace(_SMALL_PRINT, ""), _MARKS)


def _is_seen(text: str, marks: frozenset[str] = frozenset()) -> bool:
    """Return whether people see anything of `text` but `marks`. Checks each character once."""
    return any(bare(char) for char in set(text) - marks)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp")
