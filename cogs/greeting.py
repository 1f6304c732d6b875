"""Greets a server once when it invites the bot, with a menu of characters to summon.

`bot.discord_io.greeting_place` chooses the channel. A choice from the menu does what `/summon`
does.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

import discord
from discord.ext import commands

from bot import refusals
from bot.discord_io.greeting_place import place_to_greet
from bot.discord_io.intake import room_at
from bot.domain.character import Character
from bot.errors import RefusedError, StoreError
from bot.message_data import Markup
from bot.messages.casts import SUMMON_MENU
from bot.messages.help import greeting
from bot.messages.rendering import render
from cogs.authority import Interaction
from cogs.by_id import ByIdCog, chosen
from cogs.casting import CHOICES, Roster
from cogs.presses import Presses
from cogs.restrictions import FAULTS, kept_from
from cogs.show import command_shown

log = logging.getLogger(__name__)

_Faces = Mapping[str, discord.PartialEmoji]


class Greetings(Protocol):
    """Persistent record of the greeted servers. All methods raise `StoreError`."""

    async def know(self, guild_ids: Sequence[int]) -> None:
        """Mark servers that the bot is already in, so that they are never greeted."""
        ...

    async def claim(self, guild_id: int) -> bool:
        """Claim the greeting of a server; True only for the first claim."""
        ...

    async def release(self, guild_id: int) -> None:
        """Release the claim after a failed greeting, so that the next invitation is greeted."""
        ...


_PREFIX: Final = "troupe-summon"


class GreetingCog(ByIdCog):
    """Greets new servers and handles the menu in the greeting."""

    PREFIXES = frozenset({_PREFIX})

    def __init__(
        self,
        *,
        client: discord.Client,
        greetings: Greetings,
        roster: Roster,
        ids: Callable[[], Mapping[str, int]],
        reads_messages: Callable[[], bool],
        summon: Callable[[Interaction, str], Awaitable[None]],
        presses: Presses | None = None,
    ) -> None:
        """`ids` returns the slash commands' Discord ids by name; `summon` runs `/summon`."""
        super().__init__(presses)
        self._summon = summon
        self._client = client
        self._greetings = greetings
        self._casting = roster.casting
        self._characters, self._faces = roster.characters, roster.faces
        self._ids = ids
        self._reads_messages = reads_messages

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Mark all servers known at login: the bot joined them earlier."""
        try:
            await self._greetings.know([guild.id for guild in self._client.guilds])
        except StoreError as error:
            log.warning("cannot record which servers need no greeting: %s", error)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server that has just invited the bot."""
        if not self._client.is_ready():
            return  # still logging in: a server that the bot joined earlier
        place = place_to_greet(guild)
        if place is None:
            log.info(
                "server %s is not greeted: no channel that everyone reads lets the bot speak", guild
            )
            return
        if (refusal := self._casting.refusal(room_at(place, guild.id))) is not None:
            log.info("server %s is not greeted: %s", guild, refusal)
            return
        try:
            if await self._greetings.claim(guild.id):
                await self._greet(place)
        except StoreError as error:
            log.warning("server %s is not greeted: %s", guild, error)

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:  # noqa: ARG002 one menu
        """Summon the chosen character if this person may use `/summon`."""
        await self._authorise(interaction)
        for key in chosen(interaction)[:1]:
            await self._summon(interaction, key)

    async def _authorise(self, interaction: Interaction) -> None:
        """Check the server's restrictions of `/summon`. Raises `RefusedError`."""
        try:
            kept = await kept_from(interaction, self._ids())
        except FAULTS as error:
            log.warning("cannot read who may summon in server %s: %s", interaction.guild, error)
            shown = command_shown("summon", self._ids())
            raise RefusedError(refusals.MenuFails(Markup(shown))) from error
        if "summon" in kept:
            raise RefusedError(refusals.SUMMON_NOT_ALLOWED)

    async def _greet(self, place: discord.TextChannel) -> None:
        everyone = self._characters.all()
        rows = greeting(
            everyone,
            reads_messages=self._reads_messages(),
            command=lambda name: command_shown(name, self._ids()),
        )
        text = "\n".join(map(render, rows))
        offered = everyone[:CHOICES]
        try:
            await self._say(place, text, offered, await self._faces(offered))
        except FAULTS as error:
            log.warning("server %s could not be greeted: %s", place.guild, error)
            await self._greetings.release(place.guild.id)

    async def _say(
        self,
        place: discord.TextChannel,
        text: str,
        offered: Sequence[Character],
        faces: _Faces,
    ) -> None:
        nobody = discord.AllowedMentions.none()
        if not offered:
            await place.send(text, allowed_mentions=nobody)
            return
        try:
            await place.send(text, view=menu(offered, faces), allowed_mentions=nobody)
        except discord.HTTPException as refused:
            if not faces or refused.status != 400:
                raise
            # Discord rejects the whole menu when one of its emojis has been deleted.
            await place.send(text, view=menu(offered, {}), allowed_mentions=nobody)


def menu(offered: Sequence[Character], faces: _Faces) -> discord.ui.View:
    """Return the menu of characters to summon, which discord.py does not store."""
    made = discord.ui.View(timeout=None)
    made.add_item(
        discord.ui.Select(
            custom_id=f"{_PREFIX}:menu",
            placeholder=render(SUMMON_MENU),
            options=[
                discord.SelectOption(
                    label=who.name,
                    value=who.key,
                    description=who.description or None,
                    emoji=faces.get(who.key),
                )
                for who in offered
            ],
        )
    )
    made.stop()
    return made
