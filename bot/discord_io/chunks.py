"""A message of an answer on its way, and telling it again in what a room shows. Values only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.discord_io.dressing import reply_line_of
from bot.discord_io.parts import Look, Part, Shown
from bot.discord_io.voice import Voice
from bot.domain.splitting import reopened
from bot.domain.utterance import snowflake_at
from bot.domain.visible import says_nothing

# A message that is older may be edited a few times in 20 s (error 30046; the number is not told):
# words that come into it are shown so seldom, so that the last edit is let through.
OLD: Final = timedelta(hours=1)
OLD_INTERVAL: Final = 10.0
# What is left of a text when neither its markup nor its spaces count: cuts add to the one and take
# from the other.
_UNSAID: Final = re.compile(r"[\s*_~`|>#\\-]+")
# Markup alone is no word: nothing is sent before one can be read.
_MARKUP_ONLY: Final = re.compile(r"[\s*_~`|>#\\-]*")


@dataclass(slots=True)
class Chunk:
    """A message of this answer; `look` is what it shows, None when that is not known.

    `orphaned`: another voice wrote it, so it can be kept or replaced, but not edited.
    """

    id: int
    look: Look | None
    recorded: bool = False
    orphaned: bool = False
    edited_at: float = float("-inf")
    """When this process edited it last, by the loop's clock."""


def found(voice: Voice, shown: Shown) -> Chunk:
    """The chunk that the room shows already."""
    return Chunk(shown.id, shown.look, orphaned=not voice.may_edit(shown))


def standing(known: Sequence[Chunk]) -> int:
    """How many of these, from the first on, stand in the room and can be edited."""
    broken = (at for at, chunk in enumerate(known) if chunk.look is None or chunk.orphaned)
    return next(broken, len(known))


def with_found(known: list[Chunk], kept: int, found: list[Chunk]) -> list[Chunk]:
    """`known`, with what was `found` behind the first `kept` of them.

    What it took the place of comes last, to be removed where it still stands.
    """
    if not found:
        return known
    replaced = [chunk for chunk in known[kept:] if chunk.look is not None]
    return [*known[:kept], *found, *replaced]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of record: its `parts`, its whole `text`, and whose `voice` it is."""

    parts: Sequence[Part]
    text: str
    voice: Voice

    def going_on(self, known: Sequence[Chunk], stray: Sequence[Shown]) -> list[Chunk]:
        """Which of the messages on no record go on with it after `known`, in order."""
        goes_on: list[Chunk] = []
        left = letters(self.text)
        for chunk in known:
            shown = chunk.look.content if chunk.look is not None else ""
            left = left.removeprefix(own_letters(shown, self.voice))
        for message in stray:
            index, own = len(known) + len(goes_on), own_letters(message.content, self.voice)
            begun = index == 0 and is_begun(_below_line(message.content, self.voice), self.text)
            same = index < len(self.parts) and message.is_(self.parts[index])
            # Streamed words, or words below the other voice's name, end elsewhere.
            elsewhere = index > 0 or not self.voice.may_edit(message)
            next_ = bool(own) and elsewhere and left.startswith(own)
            if begun or same or next_:
                goes_on.append(found(self.voice, message))
                left = left.removeprefix(own)
        return goes_on


def frame_interval(message_id: int, now: datetime, interval: float) -> float:
    """Seconds between two frames of that message, where `interval` is enough for new ones."""
    # Some minutes early: it ages while it is edited.
    is_old = message_id < snowflake_at(now - OLD * 0.9)
    return max(interval, OLD_INTERVAL) if is_old else interval


def is_said(shown: Shown, voice: Voice) -> bool:
    """Whether it was said by this voice: polls and files that were sent apart have no words."""
    return voice.wrote(shown) and shown.content.strip() != voice.header.strip()


def letters(text: str) -> str:
    """`text` without markup and spaces, by which it can be told whatever cuts did to it."""
    return _UNSAID.sub("", text)


def own_letters(content: str, voice: Voice) -> str:
    """The same of the character's own words in a message."""
    return letters(reopened(_below_line(content, voice)))


def _below_line(content: str, voice: Voice) -> str:
    words = content.removeprefix(voice.header)
    return words[len(reply_line_of(words)) :]


def is_wordless(text: str) -> bool:
    """Whether no word of a text that is still being written can be read yet."""
    return _MARKUP_ONLY.fullmatch(text) is not None or says_nothing(text)


def is_begun(shown: str, whole: str) -> bool:
    """Whether `shown` is `whole` while it was still being streamed."""
    begun = letters(shown)
    return bool(begun) and letters(whole).startswith(begun)
