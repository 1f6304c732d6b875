"""Replaces `:name:`, as models write custom emojis, by the markup that Discord expects. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.domain.fences import blocks
from bot.domain.inline import Inline

# Not after a letter or a digit (`12:30:45`), nor within `<:name:1>` and `<a:name:1>`.
_NAMES: Final = re.compile(r"(?<![0-9A-Za-z_<:/])(?::[0-9A-Za-z_]{2,32}:)+(?!\d)")
_NAME: Final = re.compile(":([0-9A-Za-z_]{2,32}):")


def named(text: str, emojis: Mapping[str, str]) -> str:
    """Return `text` with each `:name:` replaced by its value in `emojis` (name → `<:name:id>`).

    Leaves unknown names alone, and names inside code, links and other emojis.
    """
    if not emojis or _NAMES.search(text) is None:
        return text
    code = blocks(text)
    inline = Inline(text, code)
    known = _EmojiIndex(emojis)

    def emoji(found: re.Match[str], start: int) -> str:
        shown = known.get(found[1])
        at = start + found.start() + 1
        is_code = any(block.run <= at < block.tail for block in code) or any(
            span.is_code for span in inline.around(at)
        )
        return found[0] if shown is None or is_code or inline.whole(at) else shown

    def in_a_row(names: re.Match[str]) -> str:
        return _NAME.sub(lambda found: emoji(found, names.start()), names[0])

    return _NAMES.sub(in_a_row, text)


def of_name(name: str, emojis: Mapping[str, str]) -> str | None:
    """Return the emoji called `name`, with or without colons; None if unknown."""
    return _EmojiIndex(emojis).get(name.strip().strip(":"))


class _EmojiIndex:
    """Emojis by name. Ignores case where that leaves a single candidate."""

    def __init__(self, emojis: Mapping[str, str]) -> None:
        self._emojis = emojis
        self._folded: dict[str, list[str]] = {}
        for name, shown in emojis.items():
            self._folded.setdefault(name.casefold(), []).append(shown)

    def get(self, name: str) -> str | None:
        alike = self._folded.get(name.casefold(), [])
        return self._emojis.get(name) or (alike[0] if len(alike) == 1 else None)
