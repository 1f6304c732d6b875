"""Commands that a server denies this person under *Server Settings → Integrations*.

Discord enforces these settings for commands but not for our menus and help pages, which ask here.
Owns the timeout of that request; `bot.discord_io.command_rights` has the rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp
import discord

from bot.discord_io.command_rights import Asker, rights_in
from bot.errors import DeliveryError
from cogs.authority import Interaction

# Seconds, of the three that Discord waits for a first answer.
WITHIN: Final = 1.0
FAULTS: Final = (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError)


async def kept_from(interaction: Interaction, ids: Mapping[str, int]) -> frozenset[str]:
    """Return the names among `ids` (name → id) of the commands that this person may not use here.

    Raises one of `FAULTS` when the settings cannot be read in time.
    """
    guild_id, channel = interaction.guild_id, interaction.channel
    if guild_id is None or interaction.permissions.administrator:
        return frozenset()
    parent = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
    roles = getattr(interaction.user, "roles", ())
    asker = Asker(
        guild_id=guild_id,
        channel_id=parent or 0,
        user_id=interaction.user.id,
        role_ids=frozenset(role.id for role in roles),
    )
    async with asyncio.timeout(WITHIN):
        rights = await rights_in(interaction.client, guild_id)
    return frozenset(name for name, number in ids.items() if not rights.allow(number, asker))
