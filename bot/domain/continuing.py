"""An answer and what goes on from it, as one text. Owns the seam; both sides stay as they are.

A model is asked to carry straight on, but begins a new message for it: what it repeats of the end
is left out, and a space, a line or nothing stands between, as the last words want it.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.boundaries import is_letter, is_spaceless
from bot.domain.fences import blocks

# Characters. So much of the end is looked for at the beginning of what follows; what is shorter
# than the least may stand there twice by chance.
OVERLAP_LIMIT: Final = 200
OVERLAP_LEAST: Final = 8
# Letters of a word that broke off, after which the whole word is expected.
TORN_LEAST: Final = 3

_OWN_LINE: Final = re.compile(r"[ ]{0,3}(?:[-*+] |\d{1,3}[.)] |#{1,3} |> |-# |`{3}|~{3}|\|)")
_CLOSES: Final = re.compile("[,.;:!?)\\]}…’”»%]|\\*\\*[,.;:!?]")
_OPENS: Final = re.compile("[(\\[{«“„‘/—–-]\\Z")


def continued(before: str, more: str, *, was_cut: bool, is_whole: bool = True) -> str:
    """`before` with `more` behind it.

    `was_cut`: `before` ended in mid-speech, so that the same sentence may go on; else a paragraph
    begins. Unless `more` `is_whole`, what may still turn out to repeat `before` is left out.
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
    """Whether words that are still being written may come to repeat all of `before`, or its end."""
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
    """How many characters at the start of `more` stand at the end of `before` already."""
    if len(before) >= OVERLAP_LEAST and more.startswith(before):
        return len(before)
    most = min(OVERLAP_LIMIT, len(before), len(more))
    return next((size for size in range(most, 0, -1) if _overlaps(before, more, size)), 0)


def _overlaps(before: str, more: str, size: int) -> bool:
    """Whether the first `size` characters of `more` are the last of `before`, and meant to be."""
    if not _ends_with(before, more[:size]):
        return False
    is_torn = is_letter(before[-1]) and is_letter(more[size : size + 1] or " ")
    return size >= (TORN_LEAST if is_torn else OVERLAP_LEAST)


def _ends_with(before: str, words: str) -> bool:
    """Whether `before` ends with these, from the beginning of a word on."""
    start = len(before) - len(words)
    at_word = start <= 0 or not (is_letter(before[start - 1]) and is_letter(words[:1] or " "))
    return at_word and before.endswith(words)


def _seam(before: str, more: str, *, was_cut: bool) -> str:
    """`more`, with what has to stand before it."""
    code = blocks(before)[-1:]
    if code and not code[0].is_closed:
        # It may open the block once more, which is open.
        opened = blocks(more[:200])[:1]
        again = bool(opened) and opened[0].start == 0
        return "\n" + (more[opened[0].body :] if again else more)
    if not was_cut:
        return f"\n\n{more}"
    if _OWN_LINE.match(more):
        return f"\n{more}"
    more = more.lstrip()
    return more if _is_glued(before, more) else f" {more}"


def _is_glued(before: str, more: str) -> bool:
    """Whether no space stands between the two."""
    if _CLOSES.match(more) or _OPENS.search(before) or before[-1].isspace():
        return True
    return is_spaceless(before[-1]) or is_spaceless(more[0])
