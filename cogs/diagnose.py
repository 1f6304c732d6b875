"""`/diagnose`: what would keep the bot from working in this channel, each with its fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io import permissions
from bot.rooms.casting import Casting
from bot.rooms.ports import Characters
from cogs.authority import Interaction, Right, authorise, place_of
from cogs.show import fitted

Probe = Callable[[], str | None]


class DiagnoseCog(commands.Cog):
    """Looks at this channel through the bot's eyes."""

    def __init__(
        self,
        *,
        probes: Mapping[str, Probe],
        characters: Characters,
        casting: Casting,
        reads_messages: Callable[[], bool],
    ) -> None:
        self._probes = probes
        self._characters = characters
        self._casting = casting
        self._reads_messages = reads_messages

    @app_commands.command(description="What would keep the bot from working in this channel.")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def diagnose(self, interaction: Interaction) -> None:
        """A line for each thing, the wrong ones first."""
        authorise(interaction, Right.MANAGE_SERVER)
        wrong = [*self._channel(interaction), *self._bot()]
        rows = [f"❌ {row}" for row in wrong] or ["✅ Nothing keeps the bot from working here."]
        await interaction.response.send_message(
            fitted(rows + self._fine(interaction)),
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _channel(self, interaction: Interaction) -> list[str]:
        needs = permissions.missing(interaction.app_permissions)
        return [
            f"**{need.name}** is missing here. It’s needed {need.why}. "
            "Fix: channel settings → Permissions → my role."
            for need in needs
        ]

    def _bot(self) -> list[str]:
        rows = [
            f"**{part}**: {problem}" for part, probe in self._probes.items() if (problem := probe())
        ]
        if not self._reads_messages():
            rows.append(
                "**Message Content Intent** is off: I only understand mentions of me, replies to "
                "me and commands. Fix: whoever runs me turns it on in Discord’s developer portal."
            )
        if not self._characters.all():
            rows.append("**Characters**: there is none. Fix: whoever runs me adds one.")
        return rows

    def _fine(self, interaction: Interaction) -> list[str]:
        here = self._casting.cast(place_of(interaction))
        names = ", ".join(discord.utils.escape_markdown(one.name) for one in here)
        return [
            f"ℹ️ Here: {names}." if here else "ℹ️ Nobody is here yet: `/summon` brings someone in."
        ]
