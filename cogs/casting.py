"""The commands `/summon`, `/dismiss`, `/cast` and `/say`. Their rules are in `bot.rooms`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import discord
from discord import app_commands
from discord.ext import commands

from bot import refusals
from bot.discord_io.message_prefix import say_line
from bot.domain.character import Character
from bot.domain.room import Place, Room, Seat
from bot.domain.utterance import Speaker, Utterance, moment_of
from bot.domain.visible import bare, sound
from bot.errors import DeliveryError, RefusedError
from bot.message_data import Markup, Message
from bot.messages import casts
from bot.messages.failures import UNREAD
from bot.messages.hints import NOBODY_YET
from bot.messages.rendering import render
from bot.rooms.controls.dismissal import Dismissal
from bot.rooms.dispatch.dispatcher import Dispatcher
from bot.rooms.ports.casts import Characters
from bot.rooms.state.casting import Casting
from bot.rooms.state.persona_states import PersonaStates
from bot.rooms.turns.process_state import ProcessState
from cogs.announcing import announce, show
from cogs.authority import (
    Interaction,
    authorise_dismissal,
    may_embed,
    place_of,
    room_of,
)
from cogs.in_time import in_time
from cogs.show import fitted, fullest, name_of, named
from cogs.speaking import Speaking, Wish

# Discord's limit on the choices of an option or a menu.
CHOICES = 25
SAY_LIMIT = 1_500
Summon = Callable[[commands.Cog, Interaction, str], Awaitable[None]]
Faces = Callable[[Sequence[Character]], Awaitable[Mapping[str, discord.PartialEmoji]]]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in each room, and who could be."""

    casting: Casting
    """The casts of the rooms."""
    characters: Characters
    """All characters that can be summoned."""
    faces: Faces
    """Gives, by key, those of the characters' faces that can be had in a moment."""


class CastingCog(commands.Cog):
    """The commands for summoning, dismissing, listing and addressing characters.

    `on_said` is called with the message that a `/say` posted, before a character answers it.
    `reads_messages` returns whether the Message Content Intent is on. `faces` returns the emoji of
    characters' avatars by key, as far as they are ready.
    """

    def __init__(
        self,
        *,
        roster: Roster,
        dispatcher: Dispatcher,
        process_state: ProcessState,
        persona_states: PersonaStates,
        dismissal: Dismissal,
        on_said: Callable[[int, Interaction], None],
        reads_messages: Callable[[], bool],
        speaking: Speaking | None = None,
    ) -> None:
        self._casting = roster.casting
        self._characters, self._faces = roster.characters, roster.faces
        self._dispatcher = dispatcher
        self._process_state = process_state
        self._persona_states = persona_states
        self._dismissal = dismissal
        self._on_said = on_said
        self._reads_messages = reads_messages
        self._speaking = speaking or Speaking()

    @app_commands.command(description="Bring a character into this channel.")
    @app_commands.describe(character="Who should join")
    async def summon(self, interaction: Interaction, character: str) -> None:
        """Summon the character, announce it, and have it greet the room."""
        with self._speaking.granted(interaction, Wish.SUMMON):
            room = room_of(interaction)
            who = self._casting.summonable(character)
            async with in_time():
                await self._casting.summon(room, who, at=interaction.id, by=interaction.user.id)
            try:
                joins = casts.Joins(who.name, self._how_to_talk(room, who))
                await announce(interaction, render(joins))
            except DeliveryError:
                # Without the announcement nobody would know that the character is here.
                await self._dismissal.dismiss(room, who.key)
                raise
        await self._dispatcher.greet(room, who, interaction.id, interaction.user.id)

    async def bring(self, interaction: Interaction, character: str) -> None:
        """Do what `/summon` does, with the same checks, for a menu."""
        summon: Summon = self.summon.callback  # type: ignore[assignment]  # typed for any cog
        await summon(self, interaction, character)

    @app_commands.command(description="Send a character away. Its memory stays.")
    @app_commands.describe(character="Who should leave")
    async def dismiss(self, interaction: Interaction, character: str) -> None:
        """Dismiss the character and announce it."""
        with self._speaking.granted(interaction, Wish.DISMISS):
            room = room_of(interaction)
            authorise_dismissal(interaction, self._casting.summoner(room, character))
            async with in_time():
                name = await self._dismissal.dismiss(room, character)
            await announce(interaction, render(casts.Leaves(name)))

    @app_commands.command(description="Who is here, awake or asleep, and what they answer to.")
    async def cast(self, interaction: Interaction) -> None:
        """List the room's cast, visible to this person only."""
        room = room_of(interaction)
        here = self._casting.cast(room)
        async with in_time():
            faces = await self._faces(here)
        rows = fullest(
            [self._row(room, who, faces.get(who.key), who.description) for who in here],
            [self._row(room, who, faces.get(who.key)) for who in here],
            [self._row(room, who) for who in here],
        )
        rows += [render(casts.FileGone(key)) for key in self._casting.missing(room)]
        if rows and self._casting.inherits(room):
            rows.append(render(casts.INHERITED))
        text = fitted(rows or [render(NOBODY_YET)])
        await interaction.response.send_message(
            text, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

    @app_commands.command(description="Say something to a character in this channel.")
    @app_commands.describe(character="Whom you speak to", message="What you say")
    async def say(
        self,
        interaction: Interaction,
        character: str,
        message: app_commands.Range[str, 1, SAY_LIMIT],
    ) -> None:
        """Post what the person said for everyone to read, then have the character answer."""
        with self._speaking.granted(interaction, Wish.SAY):
            room = room_of(interaction)
            who = self._addressed(room, character)
            message = sound(message)
            if not bare(message):
                raise RefusedError(refusals.NOTHING_TO_SAY)
            async with in_time():
                await self._dispatcher.admit(room, interaction.user.id)
            speaker = name_of(interaction.user)
            # Posted as the answer to the command or not at all: Discord shows the person's name
            # above the answer, but not above an ordinary message of the bot.
            message_id = await show(
                interaction,
                say_line(speaker, who.name, message),
                suppress_embeds=not may_embed(interaction),
            )
        utterance = Utterance(
            message_id=message_id,
            room_id=room.id,
            speaker=Speaker(interaction.user.id, speaker),
            text=message,
            at=moment_of(message_id),
        )
        self._on_said(utterance.message_id, interaction)
        await self._dispatcher.say(room, utterance, who)

    def _addressed(self, room: Room, key_or_name: str) -> Character:
        """Return the addressed character. Raises `RefusedError` when it is not in the room."""
        who = self._casting.summonable(key_or_name)
        if who.key not in [here.key for here in self._casting.cast(room)]:
            raise RefusedError(refusals.SummonFirst(who.name))
        return who

    def _row(
        self,
        room: Room,
        who: Character,
        face: discord.PartialEmoji | None = None,
        description: str = "",
    ) -> str:
        """Return the entry of `/cast` for one character."""
        seat = Seat(room.id, who.key)
        persona_state = self._persona_states.of(seat)
        parts: list[Message] = [casts.Name(who.name), self._process_state.state(seat)]
        if who.mood(persona_state.mood):
            parts.append(casts.Mood(persona_state.mood))
        if persona_state.status:
            parts.append(casts.Status(persona_state.status))
        parts.append(casts.AnswersTo(tuple(f"@{name}" for name in who.names)))
        row: Message = casts.Entry(tuple(parts))
        if face is not None:
            row = casts.EntryWithFace(Markup(face), tuple(parts))
        return render(casts.Description(row, description) if description else row)

    def _how_to_talk(self, room: Room, who: Character) -> Message:
        """Return how to address the character; in a DM with one character no name is needed."""
        if room.place is Place.DIRECT and len(self._casting.cast(room)) == 1:
            return casts.JUST_WRITE
        if room.place is not Place.DIRECT and not self._reads_messages():
            return casts.UseSay(UNREAD)
        return casts.SayToTalk(f"@{who.name}")

    @summon.autocomplete("character")
    async def _complete_absent(self, interaction: Interaction, typed: str) -> list[_Choice]:
        here = {who.key for who in self._casting.cast(place_of(interaction))}
        away = (who for who in self._characters.all() if who.key not in here)
        return _choices(away, typed)

    @dismiss.autocomplete("character")
    @say.autocomplete("character")
    async def _complete_present(self, interaction: Interaction, typed: str) -> list[_Choice]:
        return _choices(self._casting.cast(place_of(interaction)), typed)


_Choice = app_commands.Choice[str]


def _choices(characters: Iterable[Character], typed: str) -> list[_Choice]:
    """Return the characters with a name that contains `typed`. The values are keys: unique."""
    wanted = typed.strip().casefold()
    matching = [who for who in characters if any(wanted in name.casefold() for name in who.names)]
    return [app_commands.Choice(name=named(who), value=who.key) for who in matching[:CHOICES]]
