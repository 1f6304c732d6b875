"""Whether a text says anything that people can see. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.domain.fences import blocks

# Letters and signs by their category, but drawn as nothing: Hangul fillers, a blank of Braille, a
# musical null, Khmer inherent vowels, the grapheme joiner, variation selectors.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
# A letter or digit outside of code, whose opening line names a language that nobody sees.
_PLAIN: Final = re.compile("[0-9A-Za-z]")
_FENCED: Final = re.compile("```|~~~")
_MARKS: Final = re.compile(r"-#|[*_~`|>#\\]")


def bare(text: str) -> str:
    """`text` without what nobody sees: spaces of every width, format and filling characters."""
    seen = (sign for sign in _BLANK.sub("", text) if not _is_unseen(sign))
    return "".join(seen)


def sound(text: str) -> str:
    """`text` with each half of a surrogate pair replaced: it can be neither stored nor sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def says_nothing(text: str) -> bool:
    """Whether nothing is left of `text` without markup and without what nobody sees.

    A single sign of markup by itself is an answer: “Which sign makes italics?” – “*”.
    """
    if len(text.strip()) == 1:
        return not bare(text)
    if _PLAIN.search(text) is not None and not _FENCED.search(text):
        return False
    left: list[str] = []
    start = 0
    for block in blocks(text):
        left += [text[start : block.start], block.code(text)]
        start = block.end
    return not bare(_MARKS.sub("", "".join([*left, text[start:]])))


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp")
