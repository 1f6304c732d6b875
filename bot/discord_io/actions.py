"""Carries out characters' actions on Discord. Implements `bot.rooms.ports.action_port.ActionPort`.

Owns whom a whisper can reach, and the bot's own presence. `DiscordStage` owns how a message is
sent under a character's name.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

import aiohttp
import discord
from discord.ext import commands

from bot.action_refusals import REPLY_TARGET_SETTLED, WHISPER_NEEDS_SAY
from bot.discord_io.bot_api import BotApi, GuildPlace
from bot.discord_io.discord_errors import fault_of
from bot.discord_io.message_prefix import name_line
from bot.discord_io.parts import Part
from bot.discord_io.permissions import SEND
from bot.discord_io.recent import Recent
from bot.discord_io.rights import Rights
from bot.discord_io.stage import DiscordStage
from bot.domain.actions import (
    ActionResult,
    OpenThread,
    Pin,
    Power,
    React,
    ReplyTo,
    RoomAction,
    SendFile,
    SetMood,
    SetStatus,
    StartPoll,
    Whisper,
)
from bot.domain.character import Character
from bot.domain.room import Place, Room
from bot.errors import DeliveryError, DiscordDownError, RefusedError
from bot.rooms.ports.action_port import ActionContext

log = logging.getLogger(__name__)

# discord.py's name of each permission. Since 23 February 2026 pinning needs Pin Messages; Manage
# Messages is not enough (Discord's change log).
_FLAGS: Final[Mapping[Power, str]] = MappingProxyType(
    {
        Power.REACT: "add_reactions",
        Power.POLL: "send_polls",
        Power.THREAD: "create_public_threads",
        Power.PIN: "pin_messages",
        Power.FILE: "attach_files",
    }
)
# A DM grants every permission except for things that DMs do not have.
_NOT_IN_DMS: Final = frozenset({Power.THREAD})
# Slash commands that can still be answered: their tokens live 15 minutes.
COMMANDS_KEPT: Final = 1_000
# Discord's limit for a custom status.
PRESENCE_LIMIT: Final = 128

Interaction = discord.Interaction[discord.Client]


class DiscordActions:
    """An `ActionPort`."""

    def __init__(
        self,
        *,
        client: commands.AutoShardedBot,
        bot: BotApi,
        stage: DiscordStage,
        rights: Rights | None = None,
    ) -> None:
        self._rights = rights or Rights(bot)
        self._client = client
        self._bot = bot
        self._stage = stage
        # In memory only: a token for whispering is a secret, and expires soon.
        self._commands: Recent[int, Interaction] = Recent(COMMANDS_KEPT)
        # The bot's own status and its seat: (room id, character's key), text.
        self._shown: tuple[tuple[int, str], str] | None = None
        client.add_listener(self._on_guild_join, "on_guild_join")
        client.add_listener(self._on_ready, "on_ready")

    def note_command(self, message_id: int, interaction: Interaction) -> None:
        """Remember the slash command behind a message, so that its user can be whispered to."""
        self._commands[message_id] = interaction
        self._rights.saw(interaction.user)

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        """Return whether the person has the permission in exactly this room.

        `user_id` None means the bot.
        """
        if room.place is Place.DIRECT and power in _NOT_IN_DMS:
            return False
        return await self._rights.allows(room, _FLAGS[power], user_id)

    async def perform(self, action: RoomAction, context: ActionContext) -> ActionResult:
        """Carry the action out in the turn's room."""
        room, character = context.turn.room, context.character
        match action:
            case React(emoji):
                await self._stage.react(room, context.message_id, emoji)
            case ReplyTo():
                return self._reply_to(context)
            case Pin():
                await self._bot.pin(room.id, context.message_id)
            case OpenThread(title):
                thread_id = await self._bot.open_thread(room.id, context.message_id, title)
                thread = Room(thread_id, Place.THREAD, room.guild_id, room.id, title)
                return ActionResult(thread=thread)
            case StartPoll(poll):
                return await self._post(context, Part("", poll=poll))
            case SendFile(file):
                return await self._post(context, Part("", files=(file,)))
            case Whisper(text):
                await self._whisper(context, text)
            case SetStatus(text):
                await self._show_status(room, character, text)
            case SetMood():
                # Uploads the face now, so that the next words need not wait for it.
                await self._stage.prepare(room, character)
            case _:
                assert_never(action)
        return ActionResult()

    # --- messages ---------------------------------------------------------------------------

    def _reply_to(self, context: ActionContext) -> ActionResult:
        said = context.quoted
        if said is None or not self._stage.answer(context.turn, said):
            raise RefusedError(REPLY_TARGET_SETTLED)
        return ActionResult(author=said.speaker.name)

    async def _post(self, context: ActionContext, part: Part) -> ActionResult:
        """Post the message to the turn's room under the character's name."""
        message_id = await self._stage.post(context.turn, context.character, part)
        return ActionResult(message_id=message_id)

    async def _whisper(self, context: ActionContext, text: str) -> None:
        """Send the text to the asker alone, as a follow-up to their slash command."""
        turn, character = context.turn, context.character
        command = self._commands.get(turn.trigger)
        if command is None or command.is_expired() or command.user.id != turn.asker:
            raise RefusedError(WHISPER_NEEDS_SAY)
        await _sent(
            command.followup.send(
                name_line(character.name) + text,
                ephemeral=True,
                suppress_embeds=command.guild_id is not None
                and not command.permissions.embed_links,
                allowed_mentions=discord.AllowedMentions.none(),
                wait=True,
            )
        )

    # --- the bot's own presence -------------------------------------------------------------

    async def _show_status(self, room: Room, character: Character, text: str) -> None:
        """Show a character's status as the bot's own where everybody who sees the bot may read it.

        That is: the bot serves one server only, and the room is open to everyone there.
        """
        seat = (room.id, character.key)
        if not text:
            if self._shown is not None and self._shown[0] == seat:
                await self._appear(None)
        elif await self._is_open(room):
            await self._appear((seat, f"{character.name}: {text}"[:PRESENCE_LIMIT]))

    async def _is_open(self, room: Room) -> bool:
        if len(self._client.guilds) != 1 or room.guild_id != self._client.guilds[0].id:
            return False
        try:
            place = await self._bot.place(room.id)
        except DeliveryError:
            return False
        return _open_to_all(place)

    async def _appear(self, shown: tuple[tuple[int, str], str] | None) -> None:
        self._shown = shown
        activity = None if shown is None else discord.CustomActivity(shown[1])
        try:
            await self._client.change_presence(activity=activity)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.info("the presence cannot be shown: %s", error)

    async def _on_guild_join(self, _: discord.Guild) -> None:
        """Clear the status: members of the second server would read a status from the first."""
        if self._shown is not None:
            await self._appear(None)

    async def _on_ready(self) -> None:
        """Show the status again: a new gateway session starts without, a resumed one keeps it."""
        if self._shown is not None:
            # A server that was joined between two sessions came without an event of its own.
            await self._appear(self._shown if len(self._client.guilds) == 1 else None)


def _open_to_all(place: GuildPlace) -> bool:
    if isinstance(place, discord.Thread) and (place.is_private() or place.parent is None):
        return False
    return place.permissions_for(place.guild.default_role).view_channel


async def _sent(sending: Awaitable[object]) -> None:
    try:
        await sending
    except discord.HTTPException as error:
        raise fault_of(error, permission=SEND) from None
    except (aiohttp.ClientError, OSError) as error:
        # `from None` in both: discord.py's errors carry the request's URL with the command's token.
        raise DiscordDownError(None, f"no answer from Discord: {type(error).__name__}") from None
