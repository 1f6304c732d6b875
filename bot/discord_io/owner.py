"""A message to whoever runs the bot: the application's owner, or the owner of its team.

Owns finding them and their direct channel; what is said comes from above.
"""

from __future__ import annotations

import logging

import discord

log = logging.getLogger(__name__)

LIMIT = 2_000


async def tell_owner(client: discord.Client, text: str) -> bool:
    """Say it to the owner alone; False when that could not be done, which is logged."""
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
        log.warning("the bot's owner could not be written to: %s", error)
        return False
    return True
