"""The command tree. Refuses commands from servers that the bot is not in, and too many at once."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RefusedError
from cogs.authority import Interaction, require_membership
from cogs.errors import answer_failure
from cogs.presses import Presses


class MembersTree(app_commands.CommandTree[commands.AutoShardedBot]):
    """The commands and menus, for servers that the bot is a member of and for direct messages.

    Nobody gives them faster than `Presses` lets them.
    """

    def __init__(self, client: commands.AutoShardedBot) -> None:
        super().__init__(client)
        self.presses = Presses()
        """For the buttons, menus and forms too: one person has one pace."""

    async def interaction_check(self, interaction: Interaction) -> bool:
        """Refuse a command from a server that the bot is not in, or one that comes too fast."""
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
    """The counter of this client's commands, which buttons, menus and forms share."""
    return client.tree.presses if isinstance(client.tree, MembersTree) else Presses()
