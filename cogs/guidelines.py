"""`/guidelines`: the server's own rules for its characters, which they read by a tool."""

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
    """Reading and writing them, for who manages the server."""

    PREFIXES = frozenset({_PREFIX})

    def __init__(self, *, guidelines: RedisGuidelines, presses: Presses | None = None) -> None:
        super().__init__(presses)
        self._guidelines = guidelines

    @app_commands.command(description="The rules that this server’s characters follow.")
    @app_commands.guild_only()
    async def show(self, interaction: Interaction) -> None:
        """Show them to the person who asks."""
        authorise(interaction, Right.TALK)
        async with in_time():
            text = await self._guidelines.get(interaction.guild_id or 0)
        # An embed: it takes 4,096 characters, a message only 2,000.
        shown = discord.Embed(description=text or render(NO_GUIDELINES))
        await interaction.response.send_message(
            embed=shown, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

    @app_commands.command(description="Write the rules that this server’s characters follow.")
    @app_commands.guild_only()
    async def edit(self, interaction: Interaction) -> None:
        """Open the form with what is there."""
        authorise(interaction, Right.MANAGE_SERVER)
        async with in_time():
            text = await self._guidelines.get(interaction.guild_id or 0)
        await interaction.response.send_modal(_form(text))

    async def submitted(self, interaction: Interaction, custom_id: str) -> None:  # noqa: ARG002 one form
        """Keep what was written; an empty form clears the rules."""
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
            # Whoever sent the form is told that it failed: so nothing is changed.
            if not is_unclear(failure):
                await self._write(guild_id, before)
            raise

    async def _write(self, guild_id: int, text: str) -> None:
        if text:
            await self._guidelines.set(guild_id, text)
        else:
            await self._guidelines.clear(guild_id)


def _form(text: str) -> discord.ui.Modal:
    """The form with the rules as they are."""
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
    made.stop()  # discord.py keeps nothing of it
    return made
