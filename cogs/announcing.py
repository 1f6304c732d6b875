"""Public answers to commands. Owns what happens when Discord does not accept one.

An interaction that is answered after three seconds is unknown to Discord (10062), and some places
refuse its answer. Then the bot posts the news in the channel, or the caller undoes the command.
"""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.discord_io import permissions
from bot.discord_io.faults import fault_of
from bot.errors import DeliveryError, DiscordDownError, PlaceGoneError
from cogs.authority import Interaction

log = logging.getLogger(__name__)

# What discord.py raises when an answer is not taken; `discord_io.old_edits` raises errors of ours.
FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError)


def is_unclear(failure: BaseException) -> bool:
    """Whether the answer may be there all the same: no refusal of Discord's has come back."""
    return not isinstance(failure, discord.HTTPException) or failure.status >= 500


async def announce(interaction: Interaction, text: str) -> None:
    """Tell everyone what was done, once: as the answer, else by a message of the bot's own.

    Raises `DeliveryError` when the room takes neither.
    """
    try:
        if interaction.response.is_done():
            nobody = discord.AllowedMentions.none()
            await interaction.followup.send(text, allowed_mentions=nobody)
        else:
            await show(interaction, text)
    except FAILURES as refused:
        log.warning("the answer to a command was not taken, the channel is told: %s", refused)
        await _tell_channel(interaction, text)


async def show(
    interaction: Interaction, text: str, *, suppress_embeds: bool = False, private: bool = False
) -> int:
    """Answer for everyone to read, or in `private`; gives the message.

    Raises one of `FAILURES` when it is not there, so far as can be seen.
    """
    try:
        shown = await interaction.response.send_message(
            text,
            suppress_embeds=suppress_embeds,
            ephemeral=private,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except FAILURES:
        # A line that is cut may have carried it: what is there is not said again.
        try:
            return (await interaction.original_response()).id
        except FAILURES:
            pass
        raise
    return shown.message_id or interaction.id


async def _tell_channel(interaction: Interaction, text: str) -> None:
    place = interaction.channel
    if not isinstance(place, discord.abc.Messageable):
        raise PlaceGoneError("nothing can be said in a place of this kind")
    try:
        await place.send(text, allowed_mentions=discord.AllowedMentions.none())
    except discord.HTTPException as error:
        raise fault_of(error, permission=permissions.SEND) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DiscordDownError(None, f"no answer from Discord: {type(error).__name__}") from error
