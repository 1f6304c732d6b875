"""One hello in a server that invites the bot, with a menu to summon from.

Where to say hello is `bot.discord_io.greeting_place`'s; a choice goes the way of `/summon`.
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
from bot.rooms.casting import Casting
from bot.rooms.ports import Characters
from cogs.authority import Interaction
from cogs.by_id import ByIdCog, chosen
from cogs.casting import CHOICES, Faces
from cogs.presses import Presses
from cogs.restrictions import FAULTS, kept_from
from cogs.show import command_shown

log = logging.getLogger(__name__)

_Faces = Mapping[str, discord.PartialEmoji]


class Greetings(Protocol):
    """Which servers were greeted, kept over restarts. All of it raises `StoreError`."""

    async def know(self, guild_ids: Sequence[int]) -> None:
        """Mark servers that the bot is already in: they are never greeted."""
        ...

    async def claim(self, guild_id: int) -> bool:
        """Claim the greeting of a server; True only for the first claim."""
        ...

    async def release(self, guild_id: int) -> None:
        """Give the claim back after a greeting that failed: the next invitation greets."""
        ...


_PREFIX: Final = "troupe-summon"


class GreetingCog(ByIdCog):
    """Says hello where somebody has just invited the bot, and takes the choices made there."""

    PREFIXES = frozenset({_PREFIX})

    def __init__(
        self,
        *,
        client: discord.Client,
        greetings: Greetings,
        casting: Casting,
        characters: Characters,
        faces: Faces,
        ids: Callable[[], Mapping[str, int]],
        reads_messages: Callable[[], bool],
        summon: Callable[[Interaction, str], Awaitable[None]],
        presses: Presses | None = None,
    ) -> None:
        """`ids` are Discord's of the slash commands by name; `summon` does what `/summon` does."""
        super().__init__(presses)
        self._summon = summon
        self._client = client
        self._greetings = greetings
        self._casting = casting
        self._characters = characters
        self._faces = faces
        self._ids = ids
        self._reads_messages = reads_messages

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Mark the servers of a login as known: the bot joined them earlier."""
        try:
            await self._greetings.know([guild.id for guild in self._client.guilds])
        except StoreError as error:
            log.warning("the servers that need no greeting cannot be kept: %s", error)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server that is new."""
        if not self._client.is_ready():
            return  # one of those that a login names, late
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
        """Summon the chosen character, as `/summon` does, for a person who may use that command."""
        await self._authorise(interaction)
        for key in chosen(interaction)[:1]:
            await self._summon(interaction, key)

    async def _authorise(self, interaction: Interaction) -> None:
        """Hold the menu to what the server has set for `/summon`. Raises `RefusedError`."""
        try:
            kept = await kept_from(interaction, self._ids())
        except FAULTS as error:
            log.warning("who may summon in server %s is not known: %s", interaction.guild, error)
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
            # An emoji that somebody has deleted spoils the whole menu.
            await place.send(text, view=menu(offered, {}), allowed_mentions=nobody)


def menu(offered: Sequence[Character], faces: _Faces) -> discord.ui.View:
    """The menu of characters to summon; discord.py keeps no reference to it."""
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
