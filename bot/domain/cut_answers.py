"""An answer that ended before its end: its mark, and the words from which it may go on."""

from __future__ import annotations

from typing import Final

from bot.domain.fences import blocks

CUT: Final = "[…]"
"""After an answer that was not let, or that came to the endpoint's limit."""
STOPPED: Final = "*(stopped)*"
"""After an answer that a person ended."""
_MARKS: Final = (CUT, STOPPED)


def marked(text: str, mark: str = CUT) -> str:
    """What there is of an answer, with the mark; empty when there is nothing."""
    bare = text.rstrip()
    if not bare:
        return ""
    closer = _closer(bare)
    return f"{bare} {mark}" if closer is None else f"{bare}\n{closer}\n{mark}"


def is_cut(text: str) -> bool:
    """Whether more would have come."""
    return text.rstrip().endswith(CUT)


def is_marked(text: str) -> bool:
    """Whether it ended before its end, for whatever reason."""
    return text.rstrip().endswith(_MARKS)


def unmarked(text: str) -> str:
    """The words alone, for the character's own memory: a small model imitates the mark."""
    bare = text.rstrip()
    mark = next((mark for mark in _MARKS if bare.endswith(mark)), None)
    return text if mark is None else bare.removesuffix(mark).rstrip()


def open_end(text: str) -> str:
    """The words from which the answer goes on: without the mark, in a block of code that is open.

    The line that closes the block is `marked`'s if the mark stands in a line of its own.
    """
    bare = unmarked(text)
    if bare == text:
        return text.rstrip()
    before, _, last = bare.rpartition("\n")
    in_its_own_line = text.rstrip().rpartition("\n")[2] in _MARKS
    return before if in_its_own_line and last and last == _closer(before) else bare


def _closer(text: str) -> str | None:
    """The line that closes the block of code in which `text` ends; None when it ends in none."""
    code = blocks(text)[-1:]
    return code[0].fence.closer if code and not code[0].is_closed else None
