"""The line below a reply that names the person who changed it by *Edit reply*. Text only."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.fences import blocks
from bot.domain.markup import plain

_LINE: Final = re.compile(r"\n-# edited by @[^\n]{1,200}\Z")
_NAME_SHOWN: Final = 60


def with_editor(text: str, name: str) -> str:
    """Return `text` followed by a line with the name of the person who edited it."""
    code = blocks(text)[-1:]
    shown = " ".join(name.split())[:_NAME_SHOWN] or "somebody"
    closed = text if not code or code[0].is_closed else f"{text}\n{code[0].fence.closer}"
    return f"{closed}\n-# edited by @{plain(shown)}"


def without_editor(content: str) -> str:
    """Return `content` without the editor's line, if any."""
    return _LINE.sub("", content)
