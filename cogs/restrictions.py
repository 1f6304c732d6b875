"""Commands that a server keeps from this person, as set under *Server Settings → Integrations*.

Owns asking in time, for what Discord does not hold to it by itself. The rule is
`bot.discord_io.command_rights`'s.
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

# Of the three seconds that Discord waits for a first answer.
WITHIN: Final = 1.0
FAULTS: Final = (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError)


async def kept_from(interaction: Interaction, ids: Mapping[str, int]) -> frozenset[str]:
    """Those of the commands (name → id) that this person may not use here.

    Raises one of `FAULTS` where that cannot be known in time.
    """
    guild_id, place = interaction.guild_id, interaction.channel
    if guild_id is None or interaction.permissions.administrator:
        return frozenset()
    parent = place.parent_id if isinstance(place, discord.Thread) else interaction.channel_id
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
