"""The chunks (messages) of an answer, and how they are recognised in a channel. Values only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.discord_io.message_prefix import reply_line_of
from bot.discord_io.parts import Look, Part, Shown
from bot.discord_io.sender import Sender
from bot.domain.splitting import reopened
from bot.domain.utterance import snowflake_at
from bot.domain.visible import says_nothing

# Discord allows only a few edits of a message older than this in 20 s (error 30046; it does not say
# how many). Frames of such a message are at least `OLD_INTERVAL` seconds apart, so that the final
# edit is accepted.
OLD: Final = timedelta(hours=1)
OLD_INTERVAL: Final = 10.0
# Ignored when texts are compared: cutting a text into messages adds markup and removes spaces.
_MARKUP: Final = re.compile(r"[\s*_~`|>#\\-]+")
# A text of markup alone: nothing is sent before the first word.
_MARKUP_ONLY: Final = re.compile(r"[\s*_~`|>#\\-]*")


@dataclass(slots=True)
class Chunk:
    """A message of an answer."""

    id: int
    look: Look | None
    """The content of the message in the channel; None if unknown."""
    recorded: bool = False
    """True once the store has the message as a chunk of the turn."""
    orphaned: bool = False
    """True if another sender wrote the message: it can be kept or replaced, but not edited."""
    edited_at: float = float("-inf")
    """When this process last edited the message, in the loop's time."""


def found(sender: Sender, shown: Shown) -> Chunk:
    """Return the chunk for a message that the channel already shows."""
    return Chunk(shown.id, shown.look, orphaned=not sender.may_edit(shown))


def standing(known: Sequence[Chunk]) -> int:
    """Count the leading chunks that exist in the channel and can be edited."""
    broken = (index for index, chunk in enumerate(known) if chunk.look is None or chunk.orphaned)
    return next(broken, len(known))


def with_found(known: list[Chunk], kept: int, found: list[Chunk]) -> list[Chunk]:
    """Insert the `found` chunks after the first `kept` of the `known` chunks.

    The chunks that they replace come last if they exist in the channel, so that they are removed.
    Until then they are to be recorded there, or nobody would remove them after another crash.
    """
    if not found:
        return known
    replaced = [replace(chunk, recorded=False) for chunk in known[kept:] if chunk.look is not None]
    return [*known[:kept], *found, *replaced]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, to be matched against the messages of a channel."""

    parts: Sequence[Part]
    """The messages of the answer."""
    text: str
    """The whole text, uncut."""
    sender: Sender
    """The sender of the answer."""

    def going_on(self, known: Sequence[Chunk], stray: Sequence[Shown]) -> list[Chunk]:
        """Return the unrecorded messages that continue the answer after `known`, in order."""
        continuing: list[Chunk] = []
        left = letters(self.text)
        for chunk in known:
            shown = chunk.look.content if chunk.look is not None else ""
            left = left.removeprefix(own_letters(shown, self.sender))
        for message in stray:
            index, own = len(known) + len(continuing), own_letters(message.content, self.sender)
            is_beginning = index == 0 and is_begun(_body(message.content, self.sender), self.text)
            is_same = index < len(self.parts) and message.is_(self.parts[index])
            # Frames, and messages under the other sender's name line, are cut at other points.
            may_be_cut = index > 0 or not self.sender.may_edit(message)
            is_next = bool(own) and may_be_cut and left.startswith(own)
            if is_beginning or is_same or is_next:
                continuing.append(found(self.sender, message))
                left = left.removeprefix(own)
        return continuing


def frame_interval(message_id: int, now: datetime, interval: float) -> float:
    """Return the seconds between two frames of a message; `interval` applies to new messages."""
    # Some minutes early: the message ages while it is edited.
    is_old = message_id < snowflake_at(now - OLD * 0.9)
    return max(interval, OLD_INTERVAL) if is_old else interval


def is_said(shown: Shown, sender: Sender) -> bool:
    """Return whether this sender wrote the message, and it has text (polls and files have none)."""
    return sender.wrote(shown) and shown.content.strip() != sender.header.strip()


def letters(text: str) -> str:
    """Return `text` without markup and spaces, for comparing texts that were cut differently."""
    return _MARKUP.sub("", text)


def own_letters(content: str, sender: Sender) -> str:
    """Return the `letters` of a message without its prefix."""
    return letters(reopened(_body(content, sender)))


def _body(content: str, sender: Sender) -> str:
    """Return a message's content without its name line and reply line."""
    body = content.removeprefix(sender.header)
    return body[len(reply_line_of(body)) :]


def is_wordless(text: str) -> bool:
    """Return whether an unfinished text has no readable word yet."""
    return _MARKUP_ONLY.fullmatch(text) is not None or says_nothing(text)


def is_begun(shown: str, whole: str) -> bool:
    """Return whether `shown` is the beginning of `whole`, as a frame shows it."""
    begun = letters(shown)
    return bool(begun) and letters(whole).startswith(begun)
