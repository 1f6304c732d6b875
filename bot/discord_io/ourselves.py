"""Our ids at Discord, and how our messages are recognised by them, without the record.

Every webhook message has the application's id, even if the webhook was deleted, and nobody else can
send messages with our application's id.
"""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord_io.message_prefix import named_in
from bot.discord_io.parts import through_our_webhook


@dataclass(frozen=True, slots=True)
class Ourselves:
    """The ids of the bot's user and application."""

    bot_id: int
    application_id: int | None
    """None before login."""


def name_worn(message: discord.Message, us: Ourselves) -> str | None:
    """Return the name of the character that wrote the message; None if no character did.

    A character's message comes from a webhook of our application, or from the bot with a name line.
    """
    if through_our_webhook(message.webhook_id, message.application_id, us.application_id):
        return message.author.name
    if message.author.id == us.bot_id and message.webhook_id is None:
        return named_in(message.content)
    return None
