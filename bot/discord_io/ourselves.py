"""How Discord names us, and which messages are ours by that. Values only, no record.

Discord tells the application of each webhook message, also when the webhook is gone: nobody else
can post under ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord_io.dressing import named_in
from bot.discord_io.parts import through_our_webhook


@dataclass(frozen=True, slots=True)
class Ourselves:
    """The bot's user, and its application once that is known."""

    bot_id: int
    application_id: int | None


def name_worn(message: discord.Message, us: Ourselves) -> str | None:
    """The name under which one of our characters said it; None when that was somebody else.

    Through a webhook of our application, or by the bot itself under a name line.
    """
    if through_our_webhook(message.webhook_id, message.application_id, us.application_id):
        return message.author.name
    if message.author.id == us.bot_id and message.webhook_id is None:
        return named_in(message.content)
    return None
