"""Chooses the channel of a server in which the bot says hello. Sends nothing."""

from __future__ import annotations

import discord


def place_to_greet(guild: discord.Guild) -> discord.TextChannel | None:
    """Return the system channel, or else the server's first suitable channel; None without any.

    In a suitable channel the bot may send messages and everyone may read. A server that shows
    newcomers no channels has none: then the system channel is taken if the bot may send there.
    """
    system = guild.system_channel
    suitable = [
        channel
        for _, channels in guild.by_category()
        for channel in channels
        if isinstance(channel, discord.TextChannel)
        and _may_send(channel)
        and channel.permissions_for(guild.default_role).view_channel
        and not _is_special(channel)
    ]
    if system is not None and _may_send(system) and (system in suitable or not suitable):
        return system
    return next(iter(suitable), None)


def _may_send(channel: discord.TextChannel) -> bool:
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.send_messages


def _is_special(channel: discord.TextChannel) -> bool:
    """Return whether the channel is for announcements, rules or a community's moderators."""
    guild = channel.guild
    return channel.is_news() or channel in (guild.rules_channel, guild.public_updates_channel)
