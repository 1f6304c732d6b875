"""Channel messages as utterances; the recorded chunks of an answer become one. No requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import discord

from bot.discord_io import polls, unrecorded
from bot.discord_io.intake import attachments_of, edited_at, is_news, is_talk, news_of, utterance_of
from bot.discord_io.message_prefix import said_by_command, undressed
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
    """The recorded author of a message."""

    character: str
    """The character's key."""
    turn: str
    """The id of the turn whose answer contains the message; empty without a record."""
    order: int | None = None
    """The position of the turn's answer in the room; None if unknown, 0 while it streams.

    Codex threads have seen the answer up to this position, whatever became of its messages since.
    """


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
    """Convert `messages` (oldest first) to utterances, sorted by their position in the room.

    A streamed answer has the position of its end. An unrecorded message of ours belongs to the
    character of that name in the room's `cast`, but is left out if it may be part of an unfinished
    answer: `open_from` returns the message id after which the character (by key) may have an
    unfinished answer, `now` is Discord's time. The bot's own notices are left out, except texts
    from `/say`; other bots' messages are kept. The first utterance of a Discord thread is the
    message that the thread was started from.
    """
    turns: dict[str, list[discord.Message]] = {}
    for message in messages:
        if message.id in authors:
            turns.setdefault(authors[message.id].turn, []).append(message)
    utterances: list[Utterance] = []
    for message in messages:
        author = authors.get(message.id)
        note = _note(message, authors, us=us, cast=cast, find=find)
        if note is not None:
            utterances.append(note)
        elif author is not None:
            chunks = turns.pop(author.turn, None)
            # An unfinished answer is left out: the finished answer will be an utterance.
            if chunks and author.order != 0:
                utterances.append(_answer(chunks, author, find(author.character)))
        else:
            utterances.extend(_unrecorded(message, us, cast, now, open_from))
    return sorted(utterances, key=lambda utterance: utterance.order)


def _unrecorded(
    message: discord.Message,
    us: Ourselves,
    cast: Sequence[Character],
    now: datetime,
    open_from: Callable[[str], int | None],
) -> list[Utterance]:
    """Convert a message without a recorded turn."""
    character = unrecorded.speaker(message, us, cast)
    begun = 0 if character is None else open_from(character.key)
    if name_worn(message, us) is not None and unrecorded.may_be_half(message, begun, now):
        return []
    if character is not None:
        return [_answer([message], Author(character.key, ""), character)]
    if message.author.id == us.bot_id:
        return _by_command(message)
    return [utterance_of(message, us)] if is_talk(message) else []


def spoken_in(messages: Sequence[discord.Message]) -> list[int]:
    """Return the ids of the messages whose recorded authors `told` needs."""
    starters = (_starter(message) for message in messages)
    ids = [message.id for message in messages]
    return ids + [starter.id for starter in starters if starter is not None]


def edits_in(messages: Sequence[discord.Message]) -> dict[int, datetime | None]:
    """Return message id → the time of a person's last edit; None if never edited.

    For the starter notice at the top of a Discord thread, the edit of the starter message counts.
    The notice is left out if the starter message was deleted.
    """
    edits: dict[int, datetime | None] = {}
    for message in messages:
        starter = _starter(message)
        if starter is not None or message.type is not discord.MessageType.thread_starter_message:
            edits[message.id] = edited_at(starter or message)
    return edits


def _starter(message: discord.Message) -> discord.Message | None:
    """Return the message that a Discord thread was started from, given its starter notice."""
    if message.type is not discord.MessageType.thread_starter_message:
        return None
    starter = message.reference.resolved if message.reference is not None else None
    return starter if isinstance(starter, discord.Message) else None


def _note(
    message: discord.Message,
    authors: Mapping[int, Author],
    *,
    us: Ourselves,
    cast: Sequence[Character],
    find: Callable[[str], Character | None],
) -> Utterance | None:
    """Convert Discord's own notices: a poll's result, the starter notice of a Discord thread."""
    if is_news(message):
        return news_of(message)
    starter = _starter(message)
    if starter is None:
        return None
    return _started(message, starter, authors, us=us, cast=cast, find=find)


def _started(
    note: discord.Message,
    starter: discord.Message,
    authors: Mapping[int, Author],
    *,
    us: Ourselves,
    cast: Sequence[Character],
    find: Callable[[str], Character | None],
) -> Utterance:
    author = authors.get(starter.id)
    character = unrecorded.speaker(starter, us, cast)
    if author is not None:
        utterance = _answer([starter], author, find(author.character))
    elif character is not None:
        utterance = _answer([starter], Author(character.key, ""), character)
    else:
        utterance = utterance_of(starter, us)
    # In the Discord thread, the starter message has the id and position of the notice.
    return replace(utterance, message_id=note.id, room_id=note.channel.id, settled=None)


def _by_command(message: discord.Message) -> list[Utterance]:
    """Convert a text that a person sent with `/say`; the bot's other notices give nothing."""
    text = said_by_command(message.content)
    interaction = message.interaction_metadata
    if text is None or interaction is None:
        return []
    return [
        Utterance(
            message_id=message.id,
            room_id=message.channel.id,
            speaker=Speaker(interaction.user.id, interaction.user.display_name),
            text=text,
            at=message.created_at,
        )
    ]


def _answer(
    chunks: list[discord.Message], author: Author, character: Character | None
) -> Utterance:
    """Join the chunks of a character's answer."""
    first = chunks[0]
    name = character.name if character else first.author.display_name
    text = joined([undressed(chunk.content, name) for chunk in chunks])
    end = max(chunk.id for chunk in chunks)
    for chunk in chunks:
        # Frames are edits within this time; a later edit changes the text, not the position.
        if chunk.edited_at is not None and chunk.edited_at - chunk.created_at < LONGEST_WORDS:
            end = max(end, snowflake_at(chunk.edited_at))
    return Utterance(
        message_id=first.id,
        room_id=first.channel.id,
        speaker=Speaker(
            first.webhook_id or first.author.id, name, SpeakerKind.CHARACTER, author.character
        ),
        text=text or polls.said_by(first),
        at=first.created_at,
        # Beside a text, attachments are long code of the answer itself.
        attachments=() if text else attachments_of(first),
        settled=author.order or end,
        # A separate poll or file has the turn id `<turn>:<message id>` (`RedisLedger.claim`).
        turn=author.turn.removesuffix(f":{first.id}") or None,
    )
