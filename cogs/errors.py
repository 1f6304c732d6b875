"""A failed command → a short answer for the person who gave it. Owns the way, not the texts."""

from __future__ import annotations

import logging

import aiohttp
import discord
from discord import app_commands

from bot.discord_io import permissions
from bot.discord_io.faults import fault_of
from bot.errors import DeliveryError, TroupeError
from bot.messages import failures
from bot.messages.commands import HAS_CHANGED, NOT_HERE, OnCooldown
from bot.messages.rendering import render
from bot.refusals import NOT_A_CHOICE
from cogs.authority import Interaction
from cogs.show import shortened

log = logging.getLogger(__name__)


async def answer_failure(interaction: Interaction, error: Exception) -> None:
    """Tell the person, only them, and log what they cannot act on."""
    text, nobody = shortened(_words(error)), discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=nobody)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=nobody)
    except (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError) as silent:
        # 10062 and 40060: Discord gave up on the interaction, or it has its answer; or the line is
        # cut. `discord_io.old_edits` ends requests by errors of ours.
        log.warning("a failed command could not be answered: %s", silent)


def _words(error: Exception) -> str:
    # A cooldown is a failed check as well, so it is asked for first.
    match error:
        case app_commands.CommandOnCooldown(retry_after=seconds):
            return render(OnCooldown(seconds))
        case app_commands.CheckFailure():
            return render(NOT_HERE)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return render(HAS_CHANGED)
        case app_commands.TransformerError():
            return render(NOT_A_CHOICE)
        case app_commands.CommandInvokeError(original=original):
            return _invoked(original)
        case _:
            return _invoked(error)


def _invoked(original: Exception) -> str:
    if isinstance(original, discord.HTTPException):
        # Discord's own refusal: the interaction was given up (10062), or its place takes no answer.
        log.warning("Discord did not take the answer to a command: %s", original)
        original = fault_of(original, permission=permissions.SEND)
    text = failures.for_person(original)
    if text is None or not isinstance(original, TroupeError):
        log.error("a command failed", exc_info=original)
    return text or failures.for_stranger(original)
