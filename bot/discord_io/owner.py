"""Sends a direct message to the bot's owner: the application's owner, or its team's owner."""

from __future__ import annotations

import logging

import aiohttp
import discord

log = logging.getLogger(__name__)

LIMIT = 2_000


async def tell_owner(client: discord.Client, text: str) -> bool:
    """Send `text` to the owner; return False if that fails, or before the client is ready.

    A failure is logged; that there is no connection yet is not: start-up tells of it.
    """
    if not client.is_ready():
        return False
    try:
        application = await client.application_info()
        team = application.team
        owner_id = team.owner_id if team is not None and team.owner_id else application.owner.id
        owner = await client.fetch_user(owner_id)
        await owner.send(
            text[:LIMIT],
            allowed_mentions=discord.AllowedMentions.none(),
            suppress_embeds=True,
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("cannot send a message to the bot's owner: %s", error)
        return False
    return True
