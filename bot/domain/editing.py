"""The line that shows who put words into a character's mouth by *Edit reply*. Text only."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.fences import blocks
from bot.domain.markup import plain

_LINE: Final = re.compile(r"\n-# edited by @[^\n]{1,200}\Z")
_NAME_SHOWN: Final = 60


def with_editor(text: str, name: str) -> str:
    """`text` as the room shows it, with the name of the person who edited it below."""
    code = blocks(text)[-1:]
    shown = " ".join(name.split())[:_NAME_SHOWN] or "somebody"
    closed = text if not code or code[0].is_closed else f"{text}\n{code[0].fence.closer}"
    return f"{closed}\n-# edited by @{plain(shown)}"


def without_editor(content: str) -> str:
    """The words of a message that may end with such a line."""
    return _LINE.sub("", content)
