"""What a model wrote → what its character says. Owns the cutting of labels, nothing of Discord.

Models that read a transcript sometimes answer in its form. A header or a `Name:` before the
speech is a label, not speech; while the text still streams, what may become one is held back.
"""

from __future__ import annotations

import re

from bot.domain.character import Character

# Ten messages. A model that does not end must not fill a channel.
SPEECH_LIMIT = 20_000
# After the last words of a speech that a person ended.
STOPPED = "*(stopped)*"


class Speech:
    """The speech of one turn while it is made: settled pieces, and words still on their way."""

    def __init__(self, character: Character) -> None:
        self._character = character
        self._settled: list[str] = []
        self._words: list[str] = []
        self._length = 0

    def add(self, words: str) -> None:
        """More words."""
        self._words.append(words)
        self._length += len(words)

    def retract(self) -> None:
        """The words since the last settled piece are void."""
        self._words.clear()
        self._length = 0

    def settle(self, text: str) -> None:
        """A piece is finished; its text of record replaces its words."""
        self.retract()
        if text.strip():
            self._settled.append(text.strip())

    @property
    def is_full(self) -> bool:
        """Whether it is longer than anybody will read: the rest is not wanted."""
        return sum(map(len, self._settled)) + self._length > SPEECH_LIMIT

    def so_far(self) -> str:
        """What can be shown already; empty while it might turn out to be a label."""
        streaming = "".join(self._words)
        whole = not streaming
        pieces = [*self._settled, streaming] if streaming.strip() else self._settled
        return spoken("\n\n".join(pieces), self._character, whole=whole)

    def text(self) -> str:
        """The text of record; a speech that was cut off ends with a mark."""
        if not self.is_full:
            return spoken("\n\n".join(self._settled), self._character)
        whole = spoken("\n\n".join([*self._settled, "".join(self._words)]), self._character)
        cut = whole[:SPEECH_LIMIT]
        return cut[: cut.rfind(" ") + 1 or None].rstrip() + " […]"

    def stopped(self) -> str:
        """What there is when a person ends it, with a mark; empty when that is nothing yet."""
        text = self.so_far().rstrip()
        if not text:
            return ""
        in_code = sum(line.startswith("```") for line in text.splitlines()) % 2
        return f"{text}\n```\n{STOPPED}" if in_code else f"{text} {STOPPED}"


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
