"""Escapes Discord markup in names and other people's words that we quote in our own sentences.

The markup is that of Discord's help page “Markdown Text 101”. Escaping is not what prevents
notifications: every send restricts them by itself (allowed mentions).
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.visible import without_turning

# Characters that are markup anywhere, at the start of a line, or that make an address a link.
_MARKUP: Final = re.compile(r"[\\*_~`|<>\[\]@]|^[#-]|:(?=//)")
_NEW_LINE: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def plain(text: str) -> str:
    """Return `text` on one line with Discord's markup escaped.

    Drops bidirectional controls: they would reorder our own words too.
    """
    return _MARKUP.sub(lambda found: chr(92) + found[0], _one_line(text))


def code(text: str) -> str:
    """Return `text` as inline code, without its backticks: nothing else has a meaning in code."""
    return f"`{_one_line(text).replace('`', '')}`"


def _one_line(text: str) -> str:
    first, *others = _NEW_LINE.split(without_turning(text))
    if not others:
        return first
    *middle, last = others
    inner = [line for part in middle if (line := part.strip())]
    return " ".join([first.rstrip(), *inner, last.lstrip()])
