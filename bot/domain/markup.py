"""Names and other people's words inside our own sentences: shown as they are, meaning nothing.

Discord's markup, as its help page “Markdown Text 101” has it. What may be notified is no matter of
text: every send says that by itself. Owns no sentence.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.visible import without_turning

# What means something anywhere; what does so where a line begins; and what makes an address a link.
_MARKUP: Final = re.compile(r"[\\*_~`|<>\[\]@]|^[#-]|:(?=//)")
_NEW_LINE: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def plain(text: str) -> str:
    """`text` on one line, with Discord's markup shown instead of meant.

    Controls that turn the direction of letters are left out: they would turn our own words too.
    """
    return _MARKUP.sub(lambda found: chr(92) + found[0], _one_line(text))


def code(text: str) -> str:
    """`text` as code, to be copied as it is: nothing but a backtick means anything in there."""
    return f"`{_one_line(text).replace('`', '')}`"


def _one_line(text: str) -> str:
    first, *others = _NEW_LINE.split(without_turning(text))
    if not others:
        return first
    *middle, last = others
    inner = [line for part in middle if (line := part.strip())]
    return " ".join([first.rstrip(), *inner, last.lstrip()])
