"""The command tree: checks each command's server, and rate-limits each person."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RefusedError
from cogs.authority import Interaction, require_membership
from cogs.errors import answer_failure
from cogs.presses import Presses


class MembersTree(app_commands.CommandTree[commands.AutoShardedBot]):
    """The bot's command tree, with two checks before every command."""

    def __init__(self, client: commands.AutoShardedBot) -> None:
        super().__init__(client)
        self.presses = Presses()
        """The rate limit on each person, shared by commands, buttons, menus and forms."""

    async def interaction_check(self, interaction: Interaction) -> bool:
        """Refuse a command that comes too fast or from a server that the bot is not in."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        try:
            self.presses.take(interaction)
            require_membership(interaction)
        except RefusedError as refusal:
            await answer_failure(interaction, refusal)
            return False
        return True


def presses_of(client: commands.AutoShardedBot) -> Presses:
    """Return the client's rate limit on each person."""
    return client.tree.presses if isinstance(client.tree, MembersTree) else Presses()
