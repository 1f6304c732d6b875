"""An answer that ended before its end: its mark, and how it is known again."""

from __future__ import annotations

CUT = "[…]"
_FENCE = "```"


def marked(text: str) -> str:
    """What there is of an answer, with the mark; empty when there is nothing."""
    bare = text.rstrip()
    if not bare:
        return ""
    in_code = sum(line.startswith(_FENCE) for line in bare.splitlines()) % 2
    return f"{bare}\n{_FENCE}\n{CUT}" if in_code else f"{bare} {CUT}"


def is_cut(text: str) -> bool:
    """Whether more would have come."""
    return text.rstrip().endswith(CUT)


def unmarked(text: str) -> str:
    """The words alone, for the character's own memory: a small model imitates the mark."""
    return text.rstrip().removesuffix(CUT).rstrip() if is_cut(text) else text
