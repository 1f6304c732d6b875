"""Whether a text says anything that people can see. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import Final

from bot.domain.fences import blocks

# Letters and signs by their category, but drawn as nothing: Hangul fillers, a blank of Braille, a
# musical null, Khmer inherent vowels, the grapheme joiner, variation selectors.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
# Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9, table 4).
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SMALL_PRINT: Final = "-#"
# Lines of fences: a text that has said nothing in so many of them has nothing to say.
_FENCES_READ: Final = 1_000
_MARKS: Final = frozenset("*_~`|>#\\")
_HALF: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def bare(text: str) -> str:
    """`text` without what nobody sees: spaces of every width, format and filling characters."""
    seen = (sign for sign in _BLANK.sub("", text) if not _is_unseen(sign))
    return "".join(seen)


def sound(text: str) -> str:
    """`text` with each half of a surrogate pair replaced: it can be neither stored nor sent."""
    if _HALF.search(text) is None:
        return text
    return _HALF.sub("\ufffd", _PAIR.sub(_joined, text))


def without_turning(text: str) -> str:
    """`text` without the controls that turn the direction of letters, also of those behind it.

    Letters that are written from right to left need none of them.
    """
    return _TURNING.sub("", text)


def says_nothing(text: str) -> bool:
    """Whether nothing is left of `text` without markup and without what nobody sees.

    A single sign of markup by itself is an answer: “Which sign makes italics?” – “*”.
    """
    if len(text.strip()) == 1:
        return not _is_seen(text)
    if not _is_said(text):
        return True
    lines = text.split("\n")
    if _is_said("\n".join(line for line in lines if not _may_fence(line))):
        return False
    # All that may be seen stands in lines that open or close a block of code, or seem to.
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
    """Whether people see anything of `text` but markup."""
    return _is_seen(text.replace(_SMALL_PRINT, ""), _MARKS)


def _is_seen(text: str, marks: frozenset[str] = frozenset()) -> bool:
    """Whether people see anything of `text` but `marks`; each sign is looked at once."""
    return any(bare(sign) for sign in set(text) - marks)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp")
