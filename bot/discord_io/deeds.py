"""What characters do on Discord besides talking. Implements `bot.rooms.hands.Hands`.

Owns whom a whisper can reach, and the bot's own
presence. How a message goes out as a character's is the stage's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import Final

import aiohttp
import discord
from discord.ext import commands

from bot.discord_io.bot_api import BotApi, GuildPlace
from bot.discord_io.dressing import name_line
from bot.discord_io.faults import fault_of
from bot.discord_io.parts import Part
from bot.discord_io.permissions import SEND
from bot.discord_io.recent import Recent
from bot.discord_io.rights import Rights
from bot.discord_io.stage import DiscordStage
from bot.domain.actions import Poll, Power
from bot.domain.character import Character
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance
from bot.errors import DeliveryError, DiscordDownError, RefusedError

log = logging.getLogger(__name__)

# Managing messages is not enough to pin since 23 February 2026 (Discord's change log).
_FLAGS: Final[Mapping[Power, str]] = MappingProxyType(
    {
        Power.REACT: "add_reactions",
        Power.POLL: "send_polls",
        Power.THREAD: "create_public_threads",
        Power.PIN: "pin_messages",
        Power.FILE: "attach_files",
    }
)
# In a DM both sides may do everything but what there is none of.
_NOT_IN_DMS: Final = frozenset({Power.THREAD})
# Commands that can still be answered: their tokens live 15 minutes.
COMMANDS_KEPT: Final = 1_000
# Discord's limit for a custom status.
PRESENCE_LIMIT: Final = 128

Interaction = discord.Interaction[discord.Client]


class DiscordHands:
    """A `Hands`."""

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
        # In memory only: what it takes to whisper is a secret, and dies soon.
        self._commands: Recent[int, Interaction] = Recent(COMMANDS_KEPT)
        # What the bot shows as its own: (room id, character's key), and the text.
        self._shown: tuple[tuple[int, str], str] | None = None
        client.add_listener(self._on_guild_join, "on_guild_join")
        client.add_listener(self._on_ready, "on_ready")

    def note_command(self, message_id: int, interaction: Interaction) -> None:
        """That message, which a turn may answer, was made by a command: whispers reach who did."""
        self._commands[message_id] = interaction
        self._rights.saw(interaction.user)

    # --- who may do what --------------------------------------------------------------------

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        """Whether that person has that power in that very place; without a person, the bot."""
        if room.place is Place.DIRECT and power in _NOT_IN_DMS:
            return False
        return await self._rights.allows(room, _FLAGS[power], user_id)

    # --- deeds ------------------------------------------------------------------------------

    def answer(self, turn: Turn, said: Utterance) -> bool:
        """The line above the turn's words will name this message; False when it stands already."""
        return self._stage.answer(turn, said)

    async def pin(self, room: Room, message_id: int) -> None:
        """Pin the message; that it is pinned already is no error."""
        await self._bot.pin(room.id, message_id)

    async def open_thread(self, room: Room, message_id: int, name: str) -> Room:
        """Open a public thread at the message."""
        thread_id = await self._bot.open_thread(room.id, message_id, name)
        return Room(thread_id, Place.THREAD, room.guild_id, room.id, name)

    async def poll(self, turn: Turn, character: Character, poll: Poll) -> int:
        """Put a poll to the turn's room, under the character's name; gives the message."""
        return await self._stage.post(turn, character, Part("", poll=poll))

    async def send_file(self, turn: Turn, character: Character, file: Enclosure) -> int:
        """Send a file to the turn's room, under the character's name; gives the message."""
        return await self._stage.post(turn, character, Part("", files=(file,)))

    async def whisper(self, turn: Turn, character: Character, text: str) -> None:
        """Say it to the asker alone, as a part of the answer to the command that they gave."""
        command = self._commands.get(turn.trigger)
        if command is None or command.is_expired() or command.user.id != turn.asker:
            raise RefusedError(
                "You can whisper only to who spoke to you by /say within 15 minutes."
            )
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

    # --- presence ---------------------------------------------------------------------------

    async def show_status(self, room: Room, character: Character, text: str) -> None:
        """Show it as the bot's own where all who see the bot may read the room it comes from.

        That is: the bot serves one server only, and the channel is open to everyone there.
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
        """With a second server, what was shown of the first would be read in both."""
        if self._shown is not None:
            await self._appear(None)

    async def _on_ready(self) -> None:
        """A new session begins without what the one before showed; a resumed one keeps it."""
        if self._shown is not None:
            # A server that was joined between the two came without an event of its own.
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
        # `from None` in both: what discord.py raises here carries the address, with its token.
        raise DiscordDownError(None, f"no answer from Discord: {type(error).__name__}") from None
