"""Fast search for patterns anchored at a line start, by a cheap probe that every match contains.

Most lines of most texts do not match the probe, and only lines that do are tried: a text of twenty
thousand empty lines costs a single search for the probe. Owns the search, no pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Lines to try singly; for more, `finditer` over the rest of the text is faster.
_TRIED_SINGLY: Final = 500


def matches(pattern: re.Pattern[str], probe: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `pattern.finditer(text)` for a pattern anchored at a line start.

    The first line of each match must contain a match of `probe`; other lines are skipped unread.
    """
    at = 0
    for _ in range(_TRIED_SINGLY):
        if (found := probe.search(text, at)) is None:
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
