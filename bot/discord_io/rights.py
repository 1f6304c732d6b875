"""What people may do in a place, by the roles that Discord sent. Owns how long roles are cached.

The client caches no members. Discord sends the roles with each message and command, so a request
for a member is rare.
"""

from __future__ import annotations

import asyncio
from typing import Final

import discord

from bot.discord_io.bot_api import BotApi
from bot.discord_io.recent import Recent
from bot.domain.room import Place, Room

# Seconds for which a person's roles are taken as they were: a turn's actions ask once.
MEMBER_KEPT: Final = 30.0
MEMBERS_KEPT: Final = 2_000


class Rights:
    """Looks up permissions in one channel or thread."""

    def __init__(self, bot: BotApi) -> None:
        self._bot = bot
        # (server, person) → until when, in the loop's time, and the member; None: not one.
        self._members: Recent[tuple[int, int], tuple[float, discord.Member | None]] = Recent(
            MEMBERS_KEPT
        )

    def saw(self, person: discord.User | discord.Member) -> None:
        """Cache the roles that came with a person's message or command."""
        if isinstance(person, discord.Member):
            self._keep(person.guild, person.id, person)

    async def allows(self, room: Room, flag: str, user_id: int | None = None) -> bool:
        """Whether that person may do there what discord.py's `flag` says; None: the bot itself.

        Raises `PlaceGoneError`, `NotPermittedError`, `DiscordDownError`. In a direct talk both
        sides may do what there is.
        """
        if room.place is Place.DIRECT:
            return True
        place = await self._bot.place(room.id)
        member = await self._member(place.guild, self._bot.user_id if user_id is None else user_id)
        if member is None:
            return False
        return bool(getattr(place.permissions_for(member), flag))

    async def _member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        cached = guild.get_member(user_id)
        if cached is not None:
            return cached  # the bot itself: nobody else is kept, and of itself Discord tells news
        until, member = self._members.get((guild.id, user_id), (0.0, None))
        if asyncio.get_running_loop().time() >= until:
            member = await self._bot.member(guild, user_id)
            self._keep(guild, user_id, member)
        return member

    def _keep(self, guild: discord.Guild, user_id: int, member: discord.Member | None) -> None:
        until = asyncio.get_running_loop().time() + MEMBER_KEPT
        self._members[guild.id, user_id] = (until, member)
