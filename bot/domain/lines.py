"""Fast search for patterns anchored at a line start, by a sign that every match contains.

Most lines contain no such sign. Only lines with a sign are tried, so a text of twenty thousand
empty lines costs no more than searching for the sign. Owns the search, no pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Lines with the sign that are tried singly; beyond this, `finditer` over the rest is faster.
_TRIED_SINGLY: Final = 500


def matches(pattern: re.Pattern[str], sign: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `pattern.finditer(text)` for a pattern anchored at a line start.

    The first line of each match must contain `sign`; lines without it are skipped unread.
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
    """Return the offset at which the line around `place` begins."""
    return text.rfind("\n", 0, place) + 1
