"""Answers that ended early: the marks that say so, and the text from which to continue."""

from __future__ import annotations

from typing import Final

from bot.domain.fences import blocks

CUT: Final = "[…]"
"""Follows an answer that the bot cut short or that reached the endpoint's token limit."""
STOPPED: Final = "*(stopped)*"
"""Follows an answer that a person stopped."""
_MARKS: Final = (CUT, STOPPED)


def marked(text: str, mark: str = CUT) -> str:
    """Return the incomplete answer `text` with `mark` appended; empty if there is no text."""
    bare = text.rstrip()
    if not bare:
        return ""
    closer = _closer(bare)
    return f"{bare} {mark}" if closer is None else f"{bare}\n{closer}\n{mark}"


def is_cut(text: str) -> bool:
    """Return whether the answer was cut short, so that it can be continued."""
    return text.rstrip().endswith(CUT)


def is_marked(text: str) -> bool:
    """Return whether the answer ended early for any reason."""
    return text.rstrip().endswith(_MARKS)


def unmarked(text: str) -> str:
    """Return the answer without its mark, for the Codex thread: small models imitate the mark."""
    bare = text.rstrip()
    mark = next((mark for mark in _MARKS if bare.endswith(mark)), None)
    return text if mark is None else bare.removesuffix(mark).rstrip()


def open_end(text: str) -> str:
    """Return the text to continue from: no mark, and a code block that `marked` closed is open.

    `marked` closed the block if the mark stands on a line of its own.
    """
    bare = unmarked(text)
    if bare == text:
        return text.rstrip()
    before, _, last = bare.rpartition("\n")
    in_its_own_line = text.rstrip().rpartition("\n")[2] in _MARKS
    return before if in_its_own_line and last and last == _closer(before) else bare


def _closer(text: str) -> str | None:
    """Return the line that closes the code block in which `text` ends; None outside a block."""
    code = blocks(text)[-1:]
    return code[0].fence.closer if code and not code[0].is_closed else None
