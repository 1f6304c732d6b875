"""What the stand-in for Discord shows, as plain values for `check`. Judges nothing but pings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sandbox.discord.record import MessageWrite
from sandbox.discord.world.model import Attachment, Channel, Message
from tests.chaos.check import Seen

_PROMISE = "You’ll be answered"
_REPLY_LINE = re.compile(r"\A-# ↪ .*\n")
# How a character is named where it has to speak as the bot.
_NAME_LINE = re.compile(r"\A\*\*(?P<name>\w+)\*\*\n")


def seen(channels: Iterable[Channel], bot_id: int) -> list[Seen]:
    """Every message of characters and of the bot in these rooms."""
    return [
        made
        for channel in channels
        for message in channel.messages.values()
        if (made := as_seen(message, bot_id)) is not None
    ]


def ever_seen(writes: Sequence[MessageWrite], bot_id: int) -> list[Seen]:
    """The same of every version that a message ever had: somebody may have heard each of them."""
    made = (as_seen(one.message, bot_id) for one in writes if one.kind != "delete")
    return [one for one in made if one is not None]


def as_seen(message: Message, bot_id: int) -> Seen | None:
    """A character's or the bot's message; None for people's, and for answers to commands."""
    if message.webhook_id == bot_id:
        return None
    if message.webhook_id is not None:
        return Seen(message.id, message.channel_id, message.author.username, _text(message))
    if message.author.id != bot_id:
        return None
    named = _NAME_LINE.match(message.content)
    if named is not None:
        text = _text(message, skip=named.end())
        return Seen(message.id, message.channel_id, named["name"], text)
    replied = (message.reference or {}).get("message_id")
    # A promise is no excuse: who is told to wait is to be answered.
    reply_to = int(replied) if replied and _PROMISE not in message.content else None
    return Seen(message.id, message.channel_id, "", message.content, reply_to)


def pings(writes: Sequence[MessageWrite], bot_id: int) -> list[str]:
    """Every write of the bot or its webhooks that would have notified anybody."""
    return [
        f"{one.kind} of message {one.message.id}: {one.message.content[:60]!r}"
        for one in writes
        if one.kind != "delete"
        and one.message.pings
        and bot_id in (one.message.author.id, one.message.application_id)
    ]


def _text(message: Message, skip: int = 0) -> str:
    """What was said, without our line above it; long text may come as a file."""
    files = [_read(one) for one in message.attachments]
    return "\n".join([_REPLY_LINE.sub("", message.content[skip:]), *files])


def _read(file: Attachment) -> str:
    return file.data.decode("utf-8", "replace")
