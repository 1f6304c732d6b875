"""Answers failed commands with a short text. `bot.messages.failures` has the texts of errors."""

from __future__ import annotations

import logging

import aiohttp
import discord
from discord import app_commands

from bot.discord_io import permissions
from bot.discord_io.discord_errors import fault_of
from bot.errors import DeliveryError, TroupeError
from bot.messages import failures
from bot.messages.commands import HAS_CHANGED, NOT_HERE, OnCooldown
from bot.messages.rendering import render
from bot.refusals import NOT_A_CHOICE
from cogs.authority import Interaction
from cogs.show import shortened

log = logging.getLogger(__name__)


async def answer_failure(interaction: Interaction, error: Exception) -> None:
    """Tell the person privately why it failed; log errors that they cannot act on."""
    text, nobody = shortened(_words(error)), discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=nobody)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=nobody)
    except (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError) as failure:
        # The interaction has expired (10062), it already has an answer (40060), or the connection
        # broke. `discord_io.old_edits` raises errors of ours.
        log.warning("cannot answer a failed command: %s", failure)


def _words(error: Exception) -> str:
    # `CommandOnCooldown` is a `CheckFailure`, so it is matched first.
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
        # The interaction has expired (10062), or its channel accepts no answer.
        log.warning("Discord rejected the answer to a command: %s", original)
        original = fault_of(original, permission=permissions.SEND)
    text = failures.for_person(original)
    if text is None or not isinstance(original, TroupeError):
        log.error("a command failed", exc_info=original)
    return text or failures.for_stranger(original)
