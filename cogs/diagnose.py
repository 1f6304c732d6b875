"""`/diagnose`: lists the problems that keep the bot from working in this channel, with fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_line import command
from bot.discord_io import permissions
from bot.domain.room import Place
from bot.endpoint.table import Row
from bot.errors import StoreError
from bot.message_data import Message
from bot.messages import diagnosis as messages
from bot.messages import store as store_messages
from bot.messages.failures import FailedForOwner
from bot.messages.rendering import render
from bot.rooms.ports.casts import Characters
from bot.rooms.state.casting import Casting
from bot.rooms.turns.turn_health import FailedTurn
from cogs.authority import Interaction, Right, authorise, place_of
from cogs.show import fitted

Probe = Callable[[], str | None]

# Problems of the bot's own parts, for the admin of a server. The host finds the details in the log
# and on the status page.
_PARTS: Final[Mapping[str, Message]] = {
    "discord": messages.NOT_CONNECTED,
    "pool": messages.NO_NEW_ANSWERS,
}
# Most faults and models that are listed; the status page lists all.
FAULTS = 5
MODELS = 3
# Rows of a model's table that are shown here.
_SHORT: Final = ("window", "tools", "pictures", "speed")


class StoreHealth(Protocol):
    """State of the store (Redis) at the last probe."""

    error: StoreError | None
    """Why the store does not work; None when it does."""

    @property
    def nearly_full(self) -> float | None:
        """Share of memory in use, from 0 to 1; None unless it is nearly full."""
        ...


class Vitals(Protocol):
    """Health of each part of the bot."""

    @property
    def store(self) -> StoreHealth:
        """State of the store."""
        ...

    def probes(self) -> Mapping[str, Probe]:
        """Return a probe for each part; it returns the problem, or None when there is none."""
        ...


class DiagnoseCog(commands.Cog):
    """Checks the bot's permissions in a channel, its parts, models and character files."""

    def __init__(
        self,
        *,
        vitals: Vitals,
        characters: Characters,
        casting: Casting,
        reads_messages: Callable[[], bool],
        models: Callable[[], list[tuple[str, tuple[Row, ...]]]] = list,
        faults: Callable[[], Sequence[str]] = tuple,
        failed_turn: Callable[[], FailedTurn | None] = lambda: None,
    ) -> None:
        """`faults` returns faults of character files, `failed_turn` the last failure if current."""
        self._models = models
        self._faults = faults
        self._failed_turn = failed_turn
        self._probes = vitals.probes()
        self._store = vitals.store
        self._characters = characters
        self._casting = casting
        self._reads_messages = reads_messages

    @app_commands.command(description="What would keep the bot from working in this channel.")
    @app_commands.default_permissions(manage_guild=True)
    async def diagnose(self, interaction: Interaction) -> None:
        """Show one line for each finding, problems first."""
        if interaction.guild_id is not None:
            authorise(interaction, Right.MANAGE_SERVER)
        wrong = [*self._place(interaction), *self._bot()]
        shown: list[Message] = [messages.Wrong(what) for what in wrong]
        shown = shown or [messages.NOTHING_WRONG]
        rows = [render(row) for row in (*shown, *self._fine(interaction))]
        await interaction.response.send_message(
            fitted(rows),
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _place(self, interaction: Interaction) -> list[Message]:
        allowed, channel = interaction.app_permissions, interaction.channel
        needs = permissions.missing(allowed, place_of(interaction).place)
        rows: list[Message] = [messages.Lacks(need.name, need.why) for need in needs]
        if isinstance(channel, discord.Thread) and channel.locked and not allowed.manage_threads:
            rows.append(messages.LOCKED)
        return rows

    def _bot(self) -> list[Message]:
        rows = [
            self._part(part, problem)
            for part, probe in self._probes.items()
            if (problem := probe())
        ]
        if not self._reads_messages():
            rows.append(messages.NO_INTENT)
        if not self._characters.all():
            rows.append(messages.NO_CHARACTERS)
        return rows + self._model_faults() + self._character_faults()

    def _part(self, part: str, problem: str) -> Message:
        if part == "redis" and self._store.error is not None:
            return store_messages.of_admin(self._store.error)
        return _PARTS.get(part, messages.Part(part, problem))

    def _model_faults(self) -> list[Message]:
        return [
            messages.ModelFault(model, row.value, command("doctor"))
            for model, table in self._models()[:MODELS]
            for row in table
            if row.fix
        ]

    def _character_faults(self) -> list[Message]:
        faults = self._faults()
        rows: list[Message] = [messages.FileFault(fault) for fault in faults[:FAULTS]]
        more = len(faults) - FAULTS
        return [*rows, messages.MoreFileFaults(more)] if more > 0 else rows

    def _fine(self, interaction: Interaction) -> list[Message]:
        room = place_of(interaction)
        here = self._casting.cast(room)
        names = tuple(character.name for character in here)
        known = messages.HereAsInChannel if self._casting.inherits(room) else messages.Here
        rows: list[Message] = [known(names) if names else messages.NOBODY_HERE]
        if (share := self._store.nearly_full) is not None:
            rows.append(messages.Warned(store_messages.NearlyFullForAdmin(share)))
        failed = self._failed_turn()
        if failed is not None:
            rows.append(messages.LastFailed(failed.at, FailedForOwner(failed.reason)))
        rows += [
            messages.Model(model, _in_short(table)) for model, table in self._models()[:MODELS]
        ]
        if room.place is Place.DIRECT:
            rows.append(messages.NO_WEBHOOKS)
        return rows


def _in_short(table: Sequence[Row]) -> tuple[Message, ...]:
    return tuple(messages.Fact(row.name, row.value) for row in table if row.name in _SHORT)
