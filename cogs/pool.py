"""`/pool stats` and `/pool instances`: the app-servers that run. The owner sees all of them, a
server's admins what concerns their server."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.codex.stats import InstanceStats, PoolStats
from bot.rooms.casting import Casting
from cogs.authority import Interaction, Right, authorise, owns_bot
from cogs.show import count, duration, fitted, megabytes, plain


@app_commands.default_permissions(manage_guild=True)
class PoolCog(commands.GroupCog, group_name="pool"):
    """Reads the pool; changes nothing."""

    def __init__(self, *, stats: Callable[[], PoolStats], casting: Casting) -> None:
        self._stats = stats
        self._casting = casting

    @app_commands.command(description="How many app-servers run, and how busy they are.")
    async def stats(self, interaction: Interaction) -> None:
        """The pool in numbers."""
        _authorise(interaction)
        now = self._stats()
        seen = self._seen_by(interaction, now)
        rows = [
            (
                f"**{now.active} of {now.max}** app-servers run, {now.healthy} healthy; "
                f"{count(now.queued, 'turn')} waiting."
            ),
            (
                f"Here: {count(len(seen), 'app-server')}, "
                f"{count(sum(one.threads for one in seen), 'thread')}, "
                f"{count(sum(one.turns for one in seen), 'turn')}, "
                f"{count(sum(one.tokens for one in seen), 'token')}, "
                f"{megabytes(sum(one.memory for one in seen))} of memory."
            ),
        ]
        if owns_bot(interaction):
            rows.append(
                f"Since the start: {now.starts} starts, {now.evictions} put to sleep, "
                f"{now.failures} failed starts."
            )
        if now.draining:
            rows.append("It is **drained**: no new turns are taken.")
        await _show(interaction, rows)

    @app_commands.command(description="Each app-server: its character, age, turns, memory.")
    async def instances(self, interaction: Interaction) -> None:
        """A line for each app-server."""
        _authorise(interaction)
        seen = self._seen_by(interaction, self._stats())
        rows = [_row(one, whole=owns_bot(interaction)) for one in seen]
        await _show(interaction, rows or ["No app-server runs for this server right now."])

    def _seen_by(self, interaction: Interaction, now: PoolStats) -> list[InstanceStats]:
        """All of them for the owner; for others those with a room in this server."""
        if owns_bot(interaction):
            return list(now.instances)
        here = {room.id for room in self._casting.rooms() if room.guild_id == interaction.guild_id}
        return [one for one in now.instances if here.intersection(one.rooms)]


def _authorise(interaction: Interaction) -> None:
    if not owns_bot(interaction):
        authorise(interaction, Right.MANAGE_SERVER)


def _row(one: InstanceStats, *, whole: bool) -> str:
    resting = f", idle {duration(one.idle)}" if one.idle else ""
    row = (
        f"**{plain(one.character)}** · {one.state.value}{resting} · pid {one.pid or '–'} · "
        f"up {duration(one.age)} · {count(len(one.rooms), 'room')} · {count(one.turns, 'turn')} · "
        f"{count(one.tokens, 'token')} · {megabytes(one.memory or None)}"
    )
    # An error can name what is none of a guest's business.
    return (
        f"{row}\n-# last error: {plain(one.last_error[:150])}" if whole and one.last_error else row
    )


async def _show(interaction: Interaction, rows: list[str]) -> None:
    await interaction.response.send_message(
        fitted(rows), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
