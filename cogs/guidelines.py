"""`/guidelines`: a server's rules for its characters, which read them with a tool."""

from __future__ import annotations

from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.visible import sound
from bot.messages.commands import (
    GUIDELINES_FIELD,
    GUIDELINES_FORM,
    GUIDELINES_GONE,
    GUIDELINES_KEPT_TO,
    NO_GUIDELINES,
)
from bot.messages.rendering import render
from bot.store.guidelines import GUIDELINES_LIMIT, RedisGuidelines
from cogs.announcing import FAILURES, is_unclear, show
from cogs.authority import Interaction, Right, authorise
from cogs.by_id import ByIdCog, texts
from cogs.in_time import in_time
from cogs.presses import Presses

_FIELD: Final = "rules"
_PREFIX: Final = "troupe-rules"


class GuidelinesCog(ByIdCog, commands.GroupCog, group_name="guidelines"):
    """Shows the rules to members, and lets whoever manages the server edit them."""

    PREFIXES = frozenset({_PREFIX})

    def __init__(self, *, guidelines: RedisGuidelines, presses: Presses | None = None) -> None:
        super().__init__(presses)
        self._guidelines = guidelines

    @app_commands.command(description="The rules that this server’s characters follow.")
    @app_commands.guild_only()
    async def show(self, interaction: Interaction) -> None:
        """Show the rules, visible to this person only."""
        authorise(interaction, Right.TALK)
        async with in_time():
            text = await self._guidelines.get(interaction.guild_id or 0)
        # An embed holds 4,096 characters, a message only 2,000.
        shown = discord.Embed(description=text or render(NO_GUIDELINES))
        await interaction.response.send_message(
            embed=shown, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

    @app_commands.command(description="Write the rules that this server’s characters follow.")
    @app_commands.guild_only()
    async def edit(self, interaction: Interaction) -> None:
        """Open the form, filled with the current rules."""
        authorise(interaction, Right.MANAGE_SERVER)
        async with in_time():
            text = await self._guidelines.get(interaction.guild_id or 0)
        await interaction.response.send_modal(_form(text))

    async def submitted(self, interaction: Interaction, custom_id: str) -> None:  # noqa: ARG002 one form
        """Save the submitted rules; an empty form clears them."""
        authorise(interaction, Right.MANAGE_SERVER)
        text = sound(texts(interaction).get(_FIELD, "")).strip()
        guild_id = interaction.guild_id or 0
        async with in_time():
            before = await self._guidelines.get(guild_id)
            await self._write(guild_id, text)
        said = render(GUIDELINES_KEPT_TO if text else GUIDELINES_GONE)
        try:
            await show(interaction, said, private=True)
        except FAILURES as failure:
            # Discord tells the person that the command failed, so restore the old rules.
            if not is_unclear(failure):
                await self._write(guild_id, before)
            raise

    async def _write(self, guild_id: int, text: str) -> None:
        if text:
            await self._guidelines.set(guild_id, text)
        else:
            await self._guidelines.clear(guild_id)


def _form(text: str) -> discord.ui.Modal:
    """Return the form, filled with the current rules."""
    made = discord.ui.Modal(title=render(GUIDELINES_FORM), custom_id=f"{_PREFIX}:edit")
    made.add_item(
        discord.ui.TextInput(
            label=render(GUIDELINES_FIELD),
            custom_id=_FIELD,
            style=discord.TextStyle.paragraph,
            default=text,
            required=False,
            max_length=GUIDELINES_LIMIT,
        )
    )
    made.stop()  # keeps discord.py from storing the modal
    return made
