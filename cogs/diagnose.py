"""`/diagnose`: lists the problems that keep the bot from working in this channel, with fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.command_line import command
from bot.discord_io import permissions
from bot.domain.markup import plain
from bot.domain.room import Place
from bot.endpoint.table import Row
from bot.errors import StoreError
from bot.rooms import words_store
from bot.rooms.casting import Casting
from bot.rooms.ports import Characters
from bot.rooms.turn_health import FailedTurn
from cogs.authority import Interaction, Right, authorise, place_of
from cogs.show import fitted

Probe = Callable[[], str | None]

# Problems of the bot's own parts, in words for the admin of a server. The host finds the details in
# the log and on the status page.
_PARTS: Final = {
    "discord": "**Connection**: I’m not fully connected to Discord. I try again by myself.",
    "pool": "**Answers**: no new ones are begun. Fix: whoever runs me gives `/pool drain` again.",
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
        rows = [f"❌ {row}" for row in wrong] or ["✅ Nothing keeps the bot from working here."]
        await interaction.response.send_message(
            fitted(rows + self._fine(interaction)),
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _place(self, interaction: Interaction) -> list[str]:
        allowed, channel = interaction.app_permissions, interaction.channel
        needs = permissions.missing(allowed, place_of(interaction).place)
        rows = [
            f"**{need.name}** is missing here. It’s needed {need.why}. "
            "Fix: channel settings → Permissions → my role."
            for need in needs
        ]
        if isinstance(channel, discord.Thread) and channel.locked and not allowed.manage_threads:
            rows.append("This thread is **locked**: nobody can speak here. Fix: unlock it.")
        return rows

    def _bot(self) -> list[str]:
        rows = [
            self._part(part, problem)
            for part, probe in self._probes.items()
            if (problem := probe())
        ]
        if not self._reads_messages():
            rows.append(
                "**Message Content Intent** is off: I only understand mentions of me, replies to "
                "me and commands. Fix: whoever runs me turns it on in Discord’s developer portal."
            )
        if not self._characters.all():
            rows.append("**Characters**: there is none. Fix: whoever runs me adds one.")
        return rows + self._model_faults() + self._character_faults()

    def _part(self, part: str, problem: str) -> str:
        if part == "redis" and self._store.error is not None:
            return words_store.for_admin(self._store.error)
        return _PARTS.get(part, f"**{part}**: {plain(problem)}")

    def _model_faults(self) -> list[str]:
        return [
            f"**Model {plain(model)}**: {plain(row.value)}. Fix: whoever runs me finds it with "
            f"`{command('doctor')}`."
            for model, table in self._models()[:MODELS]
            for row in table
            if row.fix
        ]

    def _character_faults(self) -> list[str]:
        faults = self._faults()
        rows = [f"**Character file**: {plain(fault)}" for fault in faults[:FAULTS]]
        more = len(faults) - FAULTS
        return rows + ([f"**Character files**: {more} more faults."] if more > 0 else [])

    def _fine(self, interaction: Interaction) -> list[str]:
        room = place_of(interaction)
        here = self._casting.cast(room)
        names = ", ".join(plain(who.name) for who in here)
        like = ", as in its channel" if self._casting.inherits(room) else ""
        nobody = "ℹ️ Nobody is here yet: `/summon` brings someone in."
        rows = [f"ℹ️ Here: {names}{like}." if here else nobody]
        if (share := self._store.nearly_full) is not None:
            rows.append(f"⚠️ {words_store.nearly_full_for_admin(share)}")
        failed = self._failed_turn()
        if failed is not None:
            when = discord.utils.format_dt(failed.at, "R")
            rows.append(f"⚠️ The last answer failed {when}: {failed.text}.")
        rows += [
            f"ℹ️ Model {plain(model)} · {_in_short(table)}"
            for model, table in self._models()[:MODELS]
        ]
        if room.place is Place.DIRECT:
            rows.append("ℹ️ Characters speak under my name here: direct messages have no webhooks.")
        return rows


def _in_short(table: Sequence[Row]) -> str:
    return " · ".join(f"{row.name}: {plain(row.value)}" for row in table if row.name in _SHORT)
