"""discord.py's messages as utterances and rooms. Pure conversion: nothing of discord.py goes on.

What people see is what is kept: mentions by name (`@[Ann]`), custom emojis as `:name:`, stickers by
name. Who a webhook message belongs to is not known here: the record tells (`history`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import discord

from bot.discord_io import excerpts, polls
from bot.discord_io.dressing import named_in, undressed
from bot.discord_io.ourselves import Ourselves, name_worn
from bot.domain.room import Place, Room
from bot.domain.utterance import Attachment, Excerpt, Speaker, SpeakerKind, Utterance

# Sizes from outside are capped: files can be many.
ATTACHMENTS_LIMIT: Final = 10
QUOTE_LIMIT: Final = 200
# Characters of one message as it is told. Discord takes 4,000 of a person; a link to a place is
# told by its name, which is longer, and a bot adds embeds and components.
TEXT_LIMIT: Final = 10_000
# Seconds: Discord's own limit is twenty minutes, and a number from outside can be anything.
VOICE_LIMIT: Final = 3_600.0

_TALK: Final = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
# Signs that become an “@” once a text is folded for comparing (NFKC), and the sign itself.
_AT: Final = re.compile("[@\uff20\ufe6b]")
_BRACKETS: Final = re.compile(r"[\[\]]")
_MARK: Final = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)"
    r"|a?:(?P<emoji>\w{2,32}):\d+|/(?P<command>[^:<>]{1,100}):\d+)>"
)


def room_of(message: discord.Message) -> Room:
    """Where it was said."""
    return room_at(message.channel, message.guild.id if message.guild else None)


def room_at(channel: object, guild_id: int | None) -> Room:
    """A channel of discord.py as a room: a thread or forum post with its parent."""
    number = int(getattr(channel, "id", 0))
    name = str(getattr(channel, "name", "") or "")
    if isinstance(channel, discord.Thread):
        return Room(number, Place.THREAD, guild_id, channel.parent_id, name)
    if guild_id is None:
        return Room(number, Place.DIRECT, name="direct messages")
    return Room(number, Place.CHANNEL, guild_id, None, name)


def is_talk(message: discord.Message) -> bool:
    """Whether somebody said something: joins, pins, boosts and the like are no talk.

    Nor is a bot's "is thinking…", until it becomes an answer.
    """
    return message.type in _TALK and not message.flags.loading


def is_news(message: discord.Message) -> bool:
    """Whether Discord itself says something that belongs to the talk: how a poll ended."""
    return message.type is discord.MessageType.poll_result


def utterance_of(message: discord.Message, us: Ourselves) -> Utterance:
    """The message as an utterance; its speaker is a person or a bot."""
    bot_id = us.bot_id
    reference = message.reference
    answers = message.type is discord.MessageType.reply and reference is not None
    resolved = reference.resolved if answers and reference is not None else None
    answered = resolved if isinstance(resolved, discord.Message) else None
    return Utterance(
        message_id=message.id,
        room_id=message.channel.id,
        speaker=speaker_of(message),
        text=text_of(message, bot_id=bot_id),
        at=message.created_at,
        attachments=attachments_of(message),
        reply_to=reference.message_id if answers and reference is not None else None,
        reply_to_name=_name_shown(answered, bot_id) if answered is not None else None,
        reply_to_text=_words_shown(answered, bot_id) if answered is not None else "",
        reply_to_own=name_worn(answered, us) if answered is not None else None,
        reply_to_files=attachments_of(answered) if answered is not None else (),
        mentions_bot=_mentions_bot(message, bot_id),
        edited_at=edited_at(message),
        excerpts=excerpts_of(message, bot_id=bot_id),
    )


def news_of(message: discord.Message) -> Utterance:
    """What Discord itself says: see `is_news`. It is nobody's speech, so it asks nobody."""
    return Utterance(
        message_id=message.id,
        room_id=message.channel.id,
        speaker=Speaker(0, "Discord", SpeakerKind.BOT),
        text=polls.result_in(message),
        at=message.created_at,
    )


def edited_at(message: discord.Message) -> datetime | None:
    """When its author changed it last; bots change theirs for ever, and are not followed."""
    return None if message.author.bot else message.edited_at


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    """The files beside a message, also of what it forwards."""
    files = list(message.attachments)
    for snapshot in message.message_snapshots:
        files += snapshot.attachments
    return tuple(_attachment(file) for file in files[:ATTACHMENTS_LIMIT])


def _attachment(file: discord.Attachment) -> Attachment:
    seconds = file.duration if file.is_voice_message() else None
    return Attachment(
        file.filename,
        file.url,
        file.size,
        file.content_type,
        voice_seconds=None if seconds is None else max(1, round(min(seconds, VOICE_LIMIT))),
    )


def speaker_of(message: discord.Message) -> Speaker:
    """Who said it, by what the message itself tells."""
    is_bot = message.webhook_id is not None or message.author.bot
    kind = SpeakerKind.BOT if is_bot else SpeakerKind.PERSON
    return Speaker(message.webhook_id or message.author.id, _name(message.author), kind)


def text_of(message: discord.Message, *, bot_id: int) -> str:
    """What the message says, as people read it."""

    def readable(text: str) -> str:
        return _readable(message, text, bot_id)

    parts = [readable(message.content), *excerpts.stickers(message.stickers)]
    parts.append(polls.said_by(message))
    if message.author.bot:
        # A person's embeds are previews of links; a bot's are what it says.
        parts += excerpts.embedded(message.embeds, readable)
        parts.append(excerpts.laid_out(message.components, readable))
    return "\n".join(part for part in parts if part)[:TEXT_LIMIT]


def excerpts_of(message: discord.Message, *, bot_id: int) -> tuple[Excerpt, ...]:
    """What the message shows beside its author's words."""

    def readable(text: str) -> str:
        return _readable(message, text, bot_id)

    previews = [] if message.author.bot else excerpts.previews(message, readable)
    return (*excerpts.forwards(message, readable), *previews)


def _readable(message: discord.Message, content: str, bot_id: int) -> str:
    users = {user.id: _name(user) for user in message.mentions}
    guild = message.guild

    def named(found: re.Match[str]) -> str:
        if found["emoji"]:
            return f":{found['emoji']}:"
        if found["command"]:
            return f"/{found['command']}"
        if found["user"]:
            number = int(found["user"])
            return _mention(users.get(number, "someone"), is_us=number == bot_id)
        if found["role"]:
            role = guild.get_role(int(found["role"])) if guild else None
            is_us = role is not None and guild is not None and role == guild.self_role
            return _mention(role.name if role else "a role", is_us=is_us)
        channel = guild.get_channel_or_thread(int(found["channel"])) if guild else None
        return _place(channel.name) if channel else "#a channel"

    return _MARK.sub(named, content)


def _mention(name: str, *, is_us: bool) -> str:
    """A mention as text. Only the bot's own may read as a call: it is meant for a character.

    A person or a role can have a character's name, and `@Mira` calls Mira (see
    `bot.domain.addressing`). Brackets keep them apart for that rule and for models; they go round
    any name, whoever is in the cast.
    """
    return f"@{name}" if is_us else f"@[{_AT.sub('', name)}]"


def _place(name: str) -> str:
    """A link to a place as text: what the place is called calls nobody.

    A thread is called by the words that it was started from, `@Mira what …` say: whole sentences
    stand in brackets, for the rule above.
    """
    kept = _AT.sub("", name)
    return f"#[{_BRACKETS.sub('', kept)}]" if " " in kept else f"#{kept}"


def _mentions_bot(message: discord.Message, bot_id: int) -> bool:
    """Whether the text itself mentions the bot, or the role that Discord made for it."""
    content = message.content
    if f"<@{bot_id}>" in content or f"<@!{bot_id}>" in content:
        return True
    role = message.guild.self_role if message.guild else None
    return role is not None and f"<@&{role.id}>" in content


def _name_shown(message: discord.Message, bot_id: int) -> str:
    """Who said it, as people see it: where the bot speaks for a character, a line names that."""
    named = named_in(message.content) if message.author.id == bot_id else None
    return named or _name(message.author)


def _words_shown(message: discord.Message, bot_id: int) -> str:
    text = text_of(message, bot_id=bot_id)
    text = text or "\n".join(one.text for one in excerpts_of(message, bot_id=bot_id))
    if message.webhook_id is not None or message.author.id == bot_id:
        text = undressed(text, _name_shown(message, bot_id))
    return text[:QUOTE_LIMIT]


def _name(author: discord.abc.User) -> str:
    return author.display_name
