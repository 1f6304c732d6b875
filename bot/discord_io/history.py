"""What a room shows, as utterances: a character's chunks as one, by the record. No requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import discord

from bot.discord_io import polls, unrecorded
from bot.discord_io.dressing import said_by_command, undressed
from bot.discord_io.intake import attachments_of, edited_at, is_news, is_talk, news_of, utterance_of
from bot.discord_io.ourselves import Ourselves, name_worn
from bot.domain.character import Character
from bot.domain.splitting import joined
from bot.domain.utterance import (
    LONGEST_WORDS,
    Speaker,
    SpeakerKind,
    Utterance,
    snowflake_at,
)


@dataclass(frozen=True, slots=True)
class Author:
    """Whose message it is, by the record: the character's key, and the turn that it is part of.

    Without a record the turn is empty. `order` is where that turn's words stand in the talk, if it
    is known: whoever heard them was told up to there, whatever became of the messages since. 0: it
    is still being said.
    """

    character: str
    turn: str
    order: int | None = None


def told(
    messages: Sequence[discord.Message],
    authors: Mapping[int, Author],
    *,
    us: Ourselves,
    cast: Sequence[Character],
    find: Callable[[str], Character | None],
    now: datetime,
    open_from: Callable[[str], int | None],
) -> list[Utterance]:
    """`messages` (oldest first) as utterances, in the talk's order: what was streamed comes late.

    Words of ours that are on no record are those of the character of that name in the room's
    `cast`, but for what may be half an answer: `open_from` is the message from which on the
    character of that key may still have one on its way, `now` Discord's time. The bot's own notices
    are no talk, but for what it shows of `/say`; another bot's words are. What a thread was started
    from is the first thing said in it, by whoever said it.
    """
    turns: dict[str, list[discord.Message]] = {}
    for message in messages:
        if message.id in authors:
            turns.setdefault(authors[message.id].turn, []).append(message)
    said: list[Utterance] = []
    for message in messages:
        author = authors.get(message.id)
        note = _note(message, authors, us=us, cast=cast, find=find)
        if note is not None:
            said.append(note)
        elif author is not None:
            chunks = turns.pop(author.turn, None)
            # Half an answer is heard when it is whole, not twice.
            if chunks and author.order != 0:
                said.append(_speech(chunks, author, find(author.character)))
        else:
            said.extend(_unrecorded(message, us, cast, now, open_from))
    return sorted(said, key=lambda one: one.order)


def _unrecorded(
    message: discord.Message,
    us: Ourselves,
    cast: Sequence[Character],
    now: datetime,
    open_from: Callable[[str], int | None],
) -> list[Utterance]:
    """What a message says that no turn is known to have said."""
    character = unrecorded.speaker(message, us, cast)
    begun = 0 if character is None else open_from(character.key)
    if name_worn(message, us) is not None and unrecorded.may_be_half(message, begun, now):
        return []
    if character is not None:
        return [_speech([message], Author(character.key, ""), character)]
    if message.author.id == us.bot_id:
        return _by_command(message)
    return [utterance_of(message, us)] if is_talk(message) else []


def spoken_in(messages: Sequence[discord.Message]) -> list[int]:
    """The messages whose authors `told` has to know."""
    starts = (_start(message) for message in messages)
    return [one.id for one in messages] + [one.id for one in starts if one is not None]


def edits_in(messages: Sequence[discord.Message]) -> dict[int, datetime | None]:
    """Message id → when a person edited it last; None: never.

    The note at a thread's top shows what the thread was started from: it is edited with that, and
    left out when that is gone.
    """
    shown: dict[int, datetime | None] = {}
    for message in messages:
        start = _start(message)
        if start is not None or message.type is not discord.MessageType.thread_starter_message:
            shown[message.id] = edited_at(start or message)
    return shown


def _start(message: discord.Message) -> discord.Message | None:
    """What the thread was started from, of the note at its top."""
    if message.type is not discord.MessageType.thread_starter_message:
        return None
    start = message.reference.resolved if message.reference is not None else None
    return start if isinstance(start, discord.Message) else None


def _note(
    message: discord.Message,
    authors: Mapping[int, Author],
    *,
    us: Ourselves,
    cast: Sequence[Character],
    find: Callable[[str], Character | None],
) -> Utterance | None:
    """What Discord writes into the talk: how a poll ended, what a thread was started from."""
    if is_news(message):
        return news_of(message)
    start = _start(message)
    if start is None:
        return None
    return _started(message, start, authors, us=us, cast=cast, find=find)


def _started(
    note: discord.Message,
    start: discord.Message,
    authors: Mapping[int, Author],
    *,
    us: Ourselves,
    cast: Sequence[Character],
    find: Callable[[str], Character | None],
) -> Utterance:
    author = authors.get(start.id)
    character = unrecorded.speaker(start, us, cast)
    if author is not None:
        said = _speech([start], author, find(author.character))
    elif character is not None:
        said = _speech([start], Author(character.key, ""), character)
    else:
        said = utterance_of(start, us)
    # In the thread it has the note's place.
    return replace(said, message_id=note.id, room_id=note.channel.id, settled=None)


def _by_command(message: discord.Message) -> list[Utterance]:
    """What a person said by `/say`; the bot's other notices are no talk."""
    text = said_by_command(message.content)
    asked = message.interaction_metadata
    if text is None or asked is None:
        return []
    return [
        Utterance(
            message_id=message.id,
            room_id=message.channel.id,
            speaker=Speaker(asked.user.id, asked.user.display_name),
            text=text,
            at=message.created_at,
        )
    ]


def _speech(
    chunks: list[discord.Message], author: Author, character: Character | None
) -> Utterance:
    first = chunks[0]
    name = character.name if character else first.author.display_name
    text = joined([undressed(chunk.content, name) for chunk in chunks])
    last_word = max(chunk.id for chunk in chunks)
    for chunk in chunks:
        # A later edit changes what was said, not when.
        if chunk.edited_at is not None and chunk.edited_at - chunk.created_at < LONGEST_WORDS:
            last_word = max(last_word, snowflake_at(chunk.edited_at))
    return Utterance(
        message_id=first.id,
        room_id=first.channel.id,
        speaker=Speaker(
            first.webhook_id or first.author.id, name, SpeakerKind.CHARACTER, author.character
        ),
        text=text or polls.said_by(first),
        at=first.created_at,
        # Long words stand in files too, but those are the words themselves.
        attachments=() if text else attachments_of(first),
        settled=author.order or last_word,
        # A poll or a file of its own has the message's id behind its turn's (`RedisLedger.claim`).
        turn=author.turn.removesuffix(f":{first.id}") or None,
    )
