"""Joins an answer and its continuation into one text. Owns the join; changes neither side.

The model is asked to carry straight on but begins a new message: words that it repeats from the end
are dropped, and a space, a line break or nothing is inserted, whichever the last words need.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.boundaries import is_letter, is_spaceless
from bot.domain.fences import blocks

# Characters of the end that are searched for at the start of the continuation; a repetition shorter
# than the least may be chance.
OVERLAP_LIMIT: Final = 200
OVERLAP_LEAST: Final = 8
# The same where the end is a cut-off word, which the model then repeats as a whole.
TORN_LEAST: Final = 3

_OWN_LINE: Final = re.compile(r"[ ]{0,3}(?:[-*+] |\d{1,3}[.)] |#{1,3} |> |-# |`{3}|~{3}|\|)")
_CLOSES: Final = re.compile("[,.;:!?)\\]}…’”»%]|\\*\\*[,.;:!?]")
_OPENS: Final = re.compile("[(\\[{«“„‘/—–-]\\Z")


def continued(before: str, more: str, *, was_cut: bool, is_whole: bool = True) -> str:
    """Return `before` followed by `more`.

    `was_cut`: `before` ended in mid-speech, so `more` may continue its sentence; otherwise `more`
    begins a paragraph. Unless `is_whole`, omits `more` while it may still repeat `before`.
    """
    more = more.strip("\n") if was_cut else more.strip()
    if not is_whole and _may_repeat(before, more):
        return before
    if repeated := _repeated(before, more):
        return before + more[repeated:].rstrip()
    if not more.strip() or not before.strip():
        return before or more
    return before + _seam(before, more, was_cut=was_cut)


def _may_repeat(before: str, more: str) -> bool:
    """Return whether `more`, still streaming, may turn out to repeat `before` or its end."""
    if before.startswith(more):
        return True
    tail = before[-OVERLAP_LIMIT:]
    at = tail.find(more)
    while at >= 0:
        if at == 0 or not (is_letter(tail[at - 1]) and is_letter(more[0])):
            return True
        at = tail.find(more, at + 1)
    return False


def _repeated(before: str, more: str) -> int:
    """Return how many characters at the start of `more` repeat the end of `before`."""
    if len(before) >= OVERLAP_LEAST and more.startswith(before):
        return len(before)
    most = min(OVERLAP_LIMIT, len(before), len(more))
    return next((size for size in range(most, 0, -1) if _overlaps(before, more, size)), 0)


def _overlaps(before: str, more: str, size: int) -> bool:
    """Return whether the first `size` characters of `more` intentionally repeat `before`'s end."""
    if not _ends_with(before, more[:size]):
        return False
    is_torn = is_letter(before[-1]) and is_letter(more[size : size + 1] or " ")
    return size >= (TORN_LEAST if is_torn else OVERLAP_LEAST)


def _ends_with(before: str, words: str) -> bool:
    """Return whether `before` ends with `words`, starting at a word boundary."""
    start = len(before) - len(words)
    at_word = start <= 0 or not (is_letter(before[start - 1]) and is_letter(words[:1] or " "))
    return at_word and before.endswith(words)


def _seam(before: str, more: str, *, was_cut: bool) -> str:
    """Return `more` with the white space that must precede it."""
    code = blocks(before)[-1:]
    if code and not code[0].is_closed:
        # The model may open the code block again although it is still open.
        opened = blocks(more[:200])[:1]
        is_repeated = bool(opened) and opened[0].start == 0
        return "\n" + (more[opened[0].body :] if is_repeated else more)
    if not was_cut:
        return f"\n\n{more}"
    if _OWN_LINE.match(more):
        return f"\n{more}"
    more = more.lstrip()
    return more if _joins_directly(before, more) else f" {more}"


def _joins_directly(before: str, more: str) -> bool:
    """Return whether `more` follows `before` without a space."""
    if _CLOSES.match(more) or _OPENS.search(before) or before[-1].isspace():
        return True
    return is_spaceless(before[-1]) or is_spaceless(more[0])
