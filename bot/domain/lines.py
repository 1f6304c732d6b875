"""Matches of patterns that begin with a line, found by a sign that each match must hold.

Most lines of most texts hold no such sign: only the lines with one are tried, so that a text of
twenty thousand empty lines costs no more than looking for the sign. Owns the search, no pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Lines with the sign. Where there are more, trying each line of the rest is the faster way.
_TRIED_SINGLY: Final = 500


def matches(pattern: re.Pattern[str], sign: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """What `pattern.finditer(text)` gives, where each match begins with a line.

    `sign` must be found in the first line of each match; of a line without it nothing is read.
    """
    at = 0
    for _ in range(_TRIED_SINGLY):
        if (found := sign.search(text, at)) is None:
            return
        line = start_of_line(text, found.start())
        match = pattern.match(text, line) if line >= at else None
        if match is not None:
            yield match
            at = match.end()
        else:
            end = text.find("\n", found.end())
            at = end + 1 if end >= 0 else len(text)
    yield from pattern.finditer(text, at)


def start_of_line(text: str, place: int) -> int:
    """Where the line begins that `place` is in."""
    return text.rfind("\n", 0, place) + 1
