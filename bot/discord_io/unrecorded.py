"""Characters' words whose record is lost: known by our application and by the name they wear.

The store can be lost while the channel still shows what characters said. Such a message belongs to
the character of that name in the room's cast. No requests, and nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Final

import discord

from bot.discord_io.dressing import named_in, reply_line_of, undressed
from bot.discord_io.intake import is_talk
from bot.discord_io.ourselves import Ourselves, name_worn
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.splitting import joined
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import LONGEST_WORDS
from bot.errors import RefusedError
from bot.refusals import REPLY_RECORD_LOST

# An answer is cut into messages only where one is about full: a shorter one ends it.
FULL: Final = 1_000
_LINKED: Final = re.compile(r"/(\d+)\)\n\Z")


def speaker(message: discord.Message, us: Ourselves, cast: Sequence[Character]) -> Character | None:
    """The character of `cast` that said it, by the name it wears."""
    name = name_worn(message, us)
    return next((one for one in cast if one.name == name), None) if is_talk(message) else None


def may_be_half(message: discord.Message, begun: int | None, now: datetime) -> bool:
    """Whether it may be of an answer that a dead process had begun, and that is still to be ended.

    Such an answer stands behind `begun`, the question; None: nobody has one to end.
    """
    return begun is not None and message.id > begun and now - message.created_at < LONGEST_WORDS


def turn_of(
    messages: Sequence[discord.Message],
    message_id: int,
    *,
    room: Room,
    us: Ourselves,
    cast: Sequence[Character],
    recorded: Container[int],
) -> Turn | None:
    """The turn that said `message_id`, made anew from what the room shows around it.

    `messages` are oldest first, and those that are `recorded` belong to other turns. None when no
    character of `cast` said it. Raises `RefusedError` when the question that it answers is not
    among them.
    """
    at = next((n for n, message in enumerate(messages) if message.id == message_id), None)
    character = speaker(messages[at], us, cast) if at is not None else None
    if at is None or character is None:
        return None
    said = [None if one.id in recorded else speaker(one, us, cast) for one in messages]
    first = last = at
    while first > 0 and said[first - 1] == character and _goes_on(messages, first - 1):
        first -= 1
    while last + 1 < len(messages) and said[last + 1] == character and _goes_on(messages, last):
        last += 1
    chunks = messages[first : last + 1]
    asked = _question(messages[:first], chunks[0], us)
    if asked is None:
        raise RefusedError(REPLY_RECORD_LOST)
    return Turn(
        room=room,
        character=character.key,
        trigger=asked.id,
        asker=asked.author.id,
        reason=Reason.NAMED,
        accepted_at=chunks[0].created_at,
        state=TurnState.DONE,
        thread_id="",
        text=joined([undressed(chunk.content, character.name) for chunk in chunks]),
        chunks=tuple(chunk.id for chunk in chunks),
        order=chunks[-1].id,
    )


def _goes_on(messages: Sequence[discord.Message], at: int) -> bool:
    """Whether the message after this one is more of the same answer."""
    is_answer_of_its_own = reply_line_of(messages[at + 1].content)
    return len(messages[at].content) >= FULL and not is_answer_of_its_own


def _question(
    before: Sequence[discord.Message], answer: discord.Message, us: Ourselves
) -> discord.Message | None:
    """What it answers: by the line above it, or the last that a person said before."""
    name = named_in(answer.content) if answer.author.id == us.bot_id else None
    bare = answer.content.split("\n", 1)[-1] if name else answer.content
    linked = _LINKED.search(reply_line_of(bare))
    people = [one for one in before if is_talk(one) and not one.author.bot]
    if linked is not None:
        return next((one for one in people if one.id == int(linked[1])), None)
    return people[-1] if people else None
