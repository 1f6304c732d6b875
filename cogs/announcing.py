"""Public answers to commands. Owns the fallback when Discord does not accept an answer.

Discord rejects an answer that comes after three seconds (10062), and any answer in some channels.
Then the bot posts the text in the channel, or the caller undoes the command.
"""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.discord_io import permissions
from bot.discord_io.discord_errors import fault_of
from bot.errors import DeliveryError, DiscordDownError, PlaceGoneError
from cogs.authority import Interaction

log = logging.getLogger(__name__)

# What a rejected answer raises: discord.py's errors, and ours from `discord_io.old_edits`.
FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError)


def is_unclear(failure: BaseException) -> bool:
    """Return whether the answer may have been posted: Discord did not explicitly reject it."""
    return not isinstance(failure, discord.HTTPException) or failure.status >= 500


async def announce(interaction: Interaction, text: str) -> None:
    """Post the text publicly, once: as the command's answer, else as a message in the channel.

    Raises `DeliveryError` when neither can be posted.
    """
    try:
        if interaction.response.is_done():
            nobody = discord.AllowedMentions.none()
            await interaction.followup.send(text, allowed_mentions=nobody)
        else:
            await show(interaction, text)
    except FAILURES as refused:
        log.warning("posting a command's answer in the channel instead: %s", refused)
        await _post_in_channel(interaction, text)


async def show(
    interaction: Interaction, text: str, *, suppress_embeds: bool = False, private: bool = False
) -> int:
    """Answer the command, publicly or in `private`, and return the id of the message.

    Raises one of `FAILURES` when the answer was not posted, as far as the bot can tell.
    """
    try:
        shown = await interaction.response.send_message(
            text,
            suppress_embeds=suppress_embeds,
            ephemeral=private,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except FAILURES:
        # A broken connection may still have delivered the answer: look before posting it again.
        try:
            return (await interaction.original_response()).id
        except FAILURES:
            pass
        raise
    return shown.message_id or interaction.id


async def _post_in_channel(interaction: Interaction, text: str) -> None:
    channel = interaction.channel
    if not isinstance(channel, discord.abc.Messageable):
        raise PlaceGoneError("nothing can be said in a place of this kind")
    try:
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    except discord.HTTPException as error:
        raise fault_of(error, permission=permissions.SEND) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DiscordDownError(None, f"no answer from Discord: {type(error).__name__}") from error
