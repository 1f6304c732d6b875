"""Checks before a model turn whether the bot may send messages in a room.

The check uses the gateway's cache, so that a cached channel needs no request. It neither waits nor
notifies people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import discord

from bot.discord_io import permissions
from bot.domain.room import Place, Room
from bot.errors import NotAMemberError, NotPermittedError, ThreadClosedError

Look = Callable[[int], Awaitable[Mapping[str, Any]]]
"""Channel id → the channel's JSON, fetched from Discord."""

_GuildChannel: Final = (discord.abc.GuildChannel, discord.Thread)


async def require_voice(client: discord.Client, room: Room, look: Look) -> None:
    """Raise if the bot is known to be unable to send messages in the room.

    Makes a request only for a channel that is not in the gateway's cache: any channel before READY,
    and archived Discord threads afterwards. Raises `NotPermittedError`, `ThreadClosedError`,
    `NotAMemberError`, `PlaceGoneError`, and what `look` raises.
    """
    if room.place is Place.DIRECT or room.guild_id is None:
        return
    # Before READY, which lists the bot's servers, a missing server says nothing about membership.
    guild = client.get_guild(room.guild_id)
    if guild is None and client.is_ready():
        raise NotAMemberError(room.guild_id)
    if guild is not None and not guild.unavailable:
        channel = guild.get_channel_or_thread(room.id)
        if isinstance(channel, _GuildChannel):
            _require(channel, guild.me)
            return
    elif client.is_ready():
        return  # an outage at Discord has made the server unavailable for now
    metadata = (await look(room.id)).get("thread_metadata") or {}
    if metadata.get("archived") and metadata.get("locked") and not _moderates(guild, room):
        raise ThreadClosedError("the thread is archived and locked")


def _require(
    channel: discord.abc.GuildChannel | discord.Thread, own: discord.Member | None
) -> None:
    thread = channel if isinstance(channel, discord.Thread) else None
    if own is None or (thread is not None and thread.parent is None):
        return
    allowed = channel.permissions_for(own)
    if not allowed.view_channel:
        raise NotPermittedError(permissions.VIEW)
    if thread is None and not allowed.send_messages:
        raise NotPermittedError(permissions.SEND)
    if thread is not None and not allowed.send_messages_in_threads:
        raise NotPermittedError(permissions.SEND_IN_THREADS)
    if thread is not None and thread.locked and not allowed.manage_threads:
        raise ThreadClosedError("the thread is locked")


def _moderates(guild: discord.Guild | None, room: Room) -> bool:
    """Return whether the bot may unlock Discord threads in the room's parent channel."""
    parent = guild.get_channel(room.parent_id or 0) if guild is not None else None
    if guild is None or parent is None:
        return False
    return parent.permissions_for(guild.me).manage_threads
