"""Recognises characters' messages whose record is lost, by our application and their name.

The store can be lost while channels still show the characters' messages. Such a message belongs to
the character of that name in the room's cast. Makes no requests and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Final

import discord

from bot.discord_io.intake import is_talk
from bot.discord_io.message_prefix import named_in, reply_line_of, undressed
from bot.discord_io.ourselves import Ourselves, name_worn
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.splitting import joined
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import LONGEST_WORDS
from bot.errors import RefusedError
from bot.refusals import REPLY_RECORD_LOST

# Characters of a message that may have a next chunk: a shorter message ends its answer.
FULL: Final = 1_000
_LINKED: Final = re.compile(r"/(\d+)\)\n\Z")


def speaker(message: discord.Message, us: Ourselves, cast: Sequence[Character]) -> Character | None:
    """Return the character of `cast` that wrote the message, by its displayed name; or None."""
    if not is_talk(message):
        return None
    name = name_worn(message, us)
    return next((character for character in cast if character.name == name), None)


def may_be_half(message: discord.Message, begun: int | None, now: datetime) -> bool:
    """Return whether the message may be part of an unfinished answer of a process that died.

    Such an answer comes after the message `begun`; None: no answer is unfinished.
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
    """Rebuild the turn that sent message `message_id` from the messages around it.

    `messages` are oldest first; `recorded` messages belong to other turns. Returns None if no
    character of `cast` wrote the message. Raises `RefusedError` if the question that it answers is
    not among `messages`.
    """
    index = next((n for n, message in enumerate(messages) if message.id == message_id), None)
    character = speaker(messages[index], us, cast) if index is not None else None
    if index is None or character is None:
        return None
    speakers = [
        None if message.id in recorded else speaker(message, us, cast) for message in messages
    ]
    first = last = index
    while first > 0 and speakers[first - 1] == character and _continues(messages, first - 1):
        first -= 1
    end = len(messages)
    while last + 1 < end and speakers[last + 1] == character and _continues(messages, last):
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


def _continues(messages: Sequence[discord.Message], index: int) -> bool:
    """Return whether the message after `messages[index]` continues the same answer."""
    is_separate_answer = reply_line_of(messages[index + 1].content)
    return len(messages[index].content) >= FULL and not is_separate_answer


def _question(
    before: Sequence[discord.Message], answer: discord.Message, us: Ourselves
) -> discord.Message | None:
    """Return the message that the reply line links, or else the last message of a person."""
    name = named_in(answer.content) if answer.author.id == us.bot_id else None
    content = answer.content.split("\n", 1)[-1] if name else answer.content
    linked = _LINKED.search(reply_line_of(content))
    from_people = [message for message in before if is_talk(message) and not message.author.bot]
    if linked is not None:
        return next((message for message in from_people if message.id == int(linked[1])), None)
    return from_people[-1] if from_people else None
