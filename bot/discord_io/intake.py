"""Converts discord.py's messages to utterances and rooms, which hold no discord.py objects.

Texts are kept as people see them: mentions by name (`@[Ann]`), custom emojis as `:name:`, stickers
by name. The character behind a webhook message is looked up in the record by `history`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import discord

from bot.discord_io import excerpts, polls
from bot.discord_io.message_prefix import named_in, undressed
from bot.discord_io.ourselves import Ourselves, name_worn
from bot.domain.room import Place, Room
from bot.domain.utterance import Attachment, Excerpt, Speaker, SpeakerKind, Utterance

# Attachments per message: input from outside is capped.
ATTACHMENTS_LIMIT: Final = 10
# Characters of the quoted message in a reply.
QUOTE_LIMIT: Final = 200
# Characters of a message's text. Discord allows people 4,000, but names are longer than the markup
# of a channel link, and bots add embeds and components.
TEXT_LIMIT: Final = 10_000
# Seconds of a voice message. Discord's limit is 20 minutes, but Discord's number is not trusted.
VOICE_LIMIT: Final = 3_600.0

_TALK: Final = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
# “@”, and the characters that NFKC normalization turns into “@”.
_AT: Final = re.compile("[@\uff20\ufe6b]")
_BRACKETS: Final = re.compile(r"[\[\]]")
_MARK: Final = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)"
    r"|a?:(?P<emoji>\w{2,32}):\d+|/(?P<command>[^:<>]{1,100}):\d+)>"
)


def room_of(message: discord.Message) -> Room:
    """Return the room in which the message was sent."""
    return room_at(message.channel, message.guild.id if message.guild else None)


def room_at(channel: object, guild_id: int | None) -> Room:
    """Convert a discord.py channel; a Discord thread or forum post gets its parent's id."""
    channel_id = int(getattr(channel, "id", 0))
    name = str(getattr(channel, "name", "") or "")
    if isinstance(channel, discord.Thread):
        return Room(channel_id, Place.THREAD, guild_id, channel.parent_id, name)
    if guild_id is None:
        return Room(channel_id, Place.DIRECT, name="direct messages")
    return Room(channel_id, Place.CHANNEL, guild_id, None, name)


def is_talk(message: discord.Message) -> bool:
    """Return whether a user, bot or webhook wrote the message (not a join, pin, boost, …).

    A deferred response ("is thinking…") does not count until it becomes an answer.
    """
    return message.type in _TALK and not message.flags.loading


def is_news(message: discord.Message) -> bool:
    """Return whether the message is a notice of Discord's that rooms show: a poll's result."""
    return message.type is discord.MessageType.poll_result


def utterance_of(message: discord.Message, us: Ourselves) -> Utterance:
    """Convert a message of a person or a bot."""
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
        reply_to_text=_quote(answered, bot_id) if answered is not None else "",
        reply_to_own=name_worn(answered, us) if answered is not None else None,
        reply_to_files=attachments_of(answered) if answered is not None else (),
        mentions_bot=_mentions_bot(message, bot_id),
        edited_at=edited_at(message),
        excerpts=excerpts_of(message, bot_id=bot_id),
    )


def news_of(message: discord.Message) -> Utterance:
    """Convert a notice of Discord's (see `is_news`), which calls no character."""
    return Utterance(
        message_id=message.id,
        room_id=message.channel.id,
        speaker=Speaker(0, "Discord", SpeakerKind.BOT),
        text=polls.result_in(message),
        at=message.created_at,
    )


def edited_at(message: discord.Message) -> datetime | None:
    """Return the time of a person's last edit; None for bots, which may edit endlessly."""
    return None if message.author.bot else message.edited_at


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    """Return the attachments of a message and of the messages it forwards."""
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
    """Return the author of the message as Discord shows it: a person, a bot or a webhook."""
    is_bot = message.webhook_id is not None or message.author.bot
    kind = SpeakerKind.BOT if is_bot else SpeakerKind.PERSON
    return Speaker(message.webhook_id or message.author.id, _name(message.author), kind)


def text_of(message: discord.Message, *, bot_id: int) -> str:
    """Return the text of the message as people read it."""

    def readable(text: str) -> str:
        return _readable(message, text, bot_id)

    parts = [readable(message.content), *excerpts.stickers(message.stickers)]
    parts.append(polls.said_by(message))
    if message.author.bot:
        # A person's embeds are link previews; a bot's embeds are content.
        parts += excerpts.embedded(message.embeds, readable)
        parts.append(excerpts.laid_out(message.components, readable))
    return "\n".join(part for part in parts if part)[:TEXT_LIMIT]


def excerpts_of(message: discord.Message, *, bot_id: int) -> tuple[Excerpt, ...]:
    """Return the messages that the message forwards, and its link previews."""

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
            user_id = int(found["user"])
            return _mention(users.get(user_id, "someone"), is_us=user_id == bot_id)
        if found["role"]:
            role = guild.get_role(int(found["role"])) if guild else None
            is_us = role is not None and guild is not None and role == guild.self_role
            return _mention(role.name if role else "a role", is_us=is_us)
        channel = guild.get_channel_or_thread(int(found["channel"])) if guild else None
        return _channel_link(channel.name) if channel else "#a channel"

    return _MARK.sub(named, content)


def _mention(name: str, *, is_us: bool) -> str:
    """Return a mention as text: `@name` for the bot, `@[name]` for all others.

    `@Mira` calls the character Mira (see `bot.domain.addressing`), but a person or a role can also
    be named Mira. The brackets keep them apart for the addressing rules and for models. All names
    get brackets, whether or not a character has the name.
    """
    return f"@{name}" if is_us else f"@[{_AT.sub('', name)}]"


def _channel_link(name: str) -> str:
    """Return a link to a channel as text, in which the channel's name cannot call a character.

    Discord names a thread after its first message, such as `@Mira what …`: “@” is removed, and a
    name with spaces gets brackets.
    """
    kept = _AT.sub("", name)
    return f"#[{_BRACKETS.sub('', kept)}]" if " " in kept else f"#{kept}"


def _mentions_bot(message: discord.Message, bot_id: int) -> bool:
    """Return whether the content mentions the bot or the bot's own (managed) role."""
    content = message.content
    if f"<@{bot_id}>" in content or f"<@!{bot_id}>" in content:
        return True
    role = message.guild.self_role if message.guild else None
    return role is not None and f"<@&{role.id}>" in content


def _name_shown(message: discord.Message, bot_id: int) -> str:
    """Return the author's name as people see it: the name line's, if the bot sent the message."""
    named = named_in(message.content) if message.author.id == bot_id else None
    return named or _name(message.author)


def _quote(message: discord.Message, bot_id: int) -> str:
    text = text_of(message, bot_id=bot_id)
    text = text or "\n".join(excerpt.text for excerpt in excerpts_of(message, bot_id=bot_id))
    if message.webhook_id is not None or message.author.id == bot_id:
        text = undressed(text, _name_shown(message, bot_id))
    return text[:QUOTE_LIMIT]


def _name(author: discord.abc.User) -> str:
    return author.display_name
