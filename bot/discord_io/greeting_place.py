"""Where in a server the bot says hello. Owns the choice; it sends nothing."""

from __future__ import annotations

import discord


def place_to_greet(guild: discord.Guild) -> discord.TextChannel | None:
    """The system channel, or else the first one in the list where the bot may speak and everyone
    may read; None where there is none.

    A server that shows newcomers nothing has no such channel: then the system channel, which
    Discord itself speaks in, where the bot may.
    """
    system = guild.system_channel
    fitting = [
        channel
        for _, channels in guild.by_category()
        for channel in channels
        if isinstance(channel, discord.TextChannel)
        and _may_speak(channel)
        and channel.permissions_for(guild.default_role).view_channel
        and not _is_special(channel)
    ]
    if system is not None and _may_speak(system) and (system in fitting or not fitting):
        return system
    return next(iter(fitting), None)


def _may_speak(channel: discord.TextChannel) -> bool:
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.send_messages


def _is_special(channel: discord.TextChannel) -> bool:
    """Whether it is for news, rules or the moderators of a community: no place for small talk."""
    guild = channel.guild
    return channel.is_news() or channel in (guild.rules_channel, guild.public_updates_channel)
