"""What a model wrote → what its character says. Owns the cutting of labels, nothing of Discord.

Models that read a transcript sometimes answer in its form. A header or a `Name:` before the
speech is a label, not speech; while the text still streams, what may become one is held back.
"""

from __future__ import annotations

import re

from bot.domain.character import Character

_HEADER = re.compile(r"\A\s*\[[^\[\]\n]{1,300}·[^\[\]\n]{1,300}\][ \t]*\n?")
_OPEN_HEADER = re.compile(r"\A\s*\[[^\[\]\n]{0,300}\Z")


def spoken(text: str, character: Character, *, whole: bool = True) -> str:
    """`text` without a label in front. `whole=False`: more may come, so be patient."""
    if not whole and _may_become_label(text, character):
        return ""
    bare = _HEADER.sub("", text, count=1)
    bare = _label(character).sub("", bare, count=1)
    return bare.strip() if whole else bare.lstrip()


def _label(character: Character) -> re.Pattern[str]:
    """`Mira:`, `**Mira:**` or `**Mira**:` in front."""
    name = re.escape(character.name)
    return re.compile(rf"\A\s*(?:\*\*{name}:\*\*|\*\*{name}\*\*:|{name}:)\s+", re.IGNORECASE)


def _may_become_label(text: str, character: Character) -> bool:
    start = text.lstrip()
    if _OPEN_HEADER.match(start):
        return True
    labels = (f"{character.name}:", f"**{character.name}:**", f"**{character.name}**:")
    return any(label.casefold().startswith(start.casefold()) for label in labels)
