"""Permissions of people in a channel, by their roles. Owns the cache of members.

The client caches no members. Discord sends a member's roles with each message and command, so a
request for a member is rare.
"""

from __future__ import annotations

import asyncio
from typing import Final

import discord

from bot.discord_io.bot_api import BotApi
from bot.discord_io.recent import Recent
from bot.domain.room import Place, Room

# Seconds that a member is cached: the actions of a turn then need a single request.
MEMBER_KEPT: Final = 30.0
MEMBERS_KEPT: Final = 2_000


class Rights:
    """Looks up a person's or the bot's permissions in a channel or Discord thread."""

    def __init__(self, bot: BotApi) -> None:
        self._bot = bot
        # (server id, user id) → (expiry in the loop's time, the member; None for non-members).
        self._members: Recent[tuple[int, int], tuple[float, discord.Member | None]] = Recent(
            MEMBERS_KEPT
        )

    def saw(self, person: discord.User | discord.Member) -> None:
        """Cache the member that came with a message or command."""
        if isinstance(person, discord.Member):
            self._keep(person.guild, person.id, person)

    async def allows(self, room: Room, flag: str, user_id: int | None = None) -> bool:
        """Return whether the user (None: the bot) has discord.py's permission `flag` in the room.

        Always True in direct messages. Raises `PlaceGoneError`, `NotPermittedError`,
        `DiscordDownError`.
        """
        if room.place is Place.DIRECT:
            return True
        channel = await self._bot.place(room.id)
        own_id = self._bot.user_id
        member = await self._member(channel.guild, own_id if user_id is None else user_id)
        if member is None:
            return False
        return bool(getattr(channel.permissions_for(member), flag))

    async def _member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        cached = guild.get_member(user_id)
        if cached is not None:
            return cached  # the bot itself: discord.py caches it alone, and keeps it up to date
        until, member = self._members.get((guild.id, user_id), (0.0, None))
        if asyncio.get_running_loop().time() >= until:
            member = await self._bot.member(guild, user_id)
            self._keep(guild, user_id, member)
        return member

    def _keep(self, guild: discord.Guild, user_id: int, member: discord.Member | None) -> None:
        until = asyncio.get_running_loop().time() + MEMBER_KEPT
        self._members[guild.id, user_id] = (until, member)
