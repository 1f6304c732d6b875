"""Sentence boundaries in all scripts with sentence punctuation. Owns the punctuation only.

Unicode's Sentence_Terminal property, for scripts in use. Terminals of scripts without spaces end a
sentence whatever follows.
"""

from __future__ import annotations

import re

_SPACED = (
    ".!?\u2026\u203c\u203d\u2047-\u2049\u0589\u061d-\u061f\u06d4\u0700-\u0702\u1362\u1367\u1368"
)
_UNSPACED = (
    "\u3002\uff01\uff1f\uff0e\uff61\ufe12\ufe15\ufe16\ufe52\ufe56\ufe57\u0964\u0965\u104a\u104b"
    "\u1803\u1809\u1944\u1945\u166e\u17d4\u17d5\ua4ff\ua60e\ua60f\u0f0d\u0f0e\ua876\ua877\u2e2e"
    "\u2cf9-\u2cfb\u2cfe\u1b5a\u1b5b\u1c3b\u1c3c\u1c7e\u1c7f\uabeb\ua9c8\ua9c9\uaaf0\uaaf1"
)
# Quotation marks, brackets and markup that may follow before the space.
_CLOSING = r"\"'”’»›)\]*_~|\u300d\u300f\uff09\u3011"

END = re.compile(
    rf"(?<![{_SPACED}])[{_SPACED}]++[{_CLOSING}]*+\s+|[{_UNSPACED}][{_UNSPACED}{_CLOSING}]*+\s*+"
)
"""A sentence end with the space after it; the end of a match is a place to cut."""

_LAST = re.compile(rf"(?:[^\W\d]|[{_CLOSING}])[{_SPACED}]+[{_CLOSING}]*\Z")
_LOOK_BACK = 40


def has_ended(text: str) -> bool:
    """Return whether a streaming text contains a complete sentence.

    A final full stop after a digit does not count: a decimal may follow.
    """
    return END.search(text) is not None or _LAST.search(text[-_LOOK_BACK:]) is not None
