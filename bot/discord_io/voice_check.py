"""Whether the bot may speak in a place, checked before the model is asked.

The check uses what the gateway sent, so it makes no request for a known place. It neither waits nor
tells people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import discord

from bot.discord_io import permissions
from bot.domain.room import Place, Room
from bot.errors import NotAMemberError, NotPermittedError, ThreadClosedError

# Asks Discord for a channel, as its API describes it.
Look = Callable[[int], Awaitable[Mapping[str, Any]]]

_GuildPlace: Final = (discord.abc.GuildChannel, discord.Thread)


async def require_voice(client: discord.Client, room: Room, look: Look) -> None:
    """Return if the bot may speak in the room, as far as is known; else raise.

    A request is made only for a place that the gateway has not sent: any place before READY, and
    archived threads afterwards. Raises `NotPermittedError`,
    `ThreadClosedError`, `NotAMemberError`, `PlaceGoneError`, and what `look` raises.
    """
    if room.place is Place.DIRECT or room.guild_id is None:
        return
    # None of the two is known before READY, which names every server that the bot is in.
    guild = client.get_guild(room.guild_id)
    if guild is None and client.is_ready():
        raise NotAMemberError(room.guild_id)
    if guild is not None and not guild.unavailable:
        place = guild.get_channel_or_thread(room.id)
        if isinstance(place, _GuildPlace):
            _require(place, guild.me)
            return
    elif client.is_ready():
        return  # Discord cannot show the server right now, and will again
    closed = (await look(room.id)).get("thread_metadata") or {}
    if closed.get("archived") and closed.get("locked") and not _moderates(guild, room):
        raise ThreadClosedError("the thread is archived and locked")


def _require(place: discord.abc.GuildChannel | discord.Thread, own: discord.Member | None) -> None:
    thread = place if isinstance(place, discord.Thread) else None
    if own is None or (thread is not None and thread.parent is None):
        return
    allowed = place.permissions_for(own)
    if not allowed.view_channel:
        raise NotPermittedError(permissions.VIEW)
    if thread is None and not allowed.send_messages:
        raise NotPermittedError(permissions.SEND)
    if thread is not None and not allowed.send_messages_in_threads:
        raise NotPermittedError(permissions.SEND_IN_THREADS)
    if thread is not None and thread.locked and not allowed.manage_threads:
        raise ThreadClosedError("the thread is locked")


def _moderates(guild: discord.Guild | None, room: Room) -> bool:
    """Whether the bot may open threads that moderators locked."""
    parent = guild.get_channel(room.parent_id or 0) if guild is not None else None
    if guild is None or parent is None:
        return False
    return parent.permissions_for(guild.me).manage_threads
