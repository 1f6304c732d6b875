"""Sends a direct message to the bot's owner: the application's owner, or its team's owner."""

from __future__ import annotations

import logging

import discord

log = logging.getLogger(__name__)

LIMIT = 2_000


async def tell_owner(client: discord.Client, text: str) -> bool:
    """Send `text` to the owner; return False, and log the error, if that fails."""
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
    except discord.HTTPException as error:
        log.warning("cannot send a message to the bot's owner: %s", error)
        return False
    return True
