"""`/pool`: shows and controls the running app-servers.

The bot's owner sees all of them and may restart, evict and drain; admins of a server see the
characters that are awake for it. `bot.codex.pool` does the work.
"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import refusals
from bot.codex.pool import Pool
from bot.codex.stats import InstanceStats, PoolStats
from bot.errors import CodexError, PoolClosedError, RefusedError
from bot.message_data import Message
from bot.messages import pool as messages
from bot.messages.numbers import megabytes
from bot.messages.rendering import render
from bot.rooms.state.casting import Casting
from cogs.announcing import FAILURES, show
from cogs.authority import Interaction, Right, authorise, owns_bot
from cogs.show import fitted, shortened

# Discord's limit on the choices of an option.
CHOICES = 25

_Choice = app_commands.Choice[str]


@app_commands.default_permissions(manage_guild=True)
class PoolCog(commands.GroupCog, group_name="pool"):
    """Shows the pool's state, and passes the owner's commands to it."""

    def __init__(self, *, pool: Pool, casting: Casting) -> None:
        self._pool = pool
        self._casting = casting

    @app_commands.command(description="How many app-servers run, and how busy they are.")
    async def stats(self, interaction: Interaction) -> None:
        """Show the pool's totals; to a server's admins, how many characters are awake there."""
        now = self._pool.stats()
        rows = (
            _totals(now) if _sees_all(interaction) else _server_totals(self._here(interaction, now))
        )
        if now.draining:
            rows.append(render(messages.DRAINED_ROW))
        await _show(interaction, rows)

    @app_commands.command(description="Each app-server: its character, age, turns, memory.")
    async def instances(self, interaction: Interaction) -> None:
        """List the app-servers; to a server's admins, only how many rooms each has there."""
        now = self._pool.stats()
        if _sees_all(interaction):
            rows = [_row(instance) for instance in now.instances]
            await _show(interaction, rows or [render(messages.NOTHING_RUNS)])
            return
        rows = [
            render(messages.AwakeHere(key, messages.Rooms(rooms)))
            for key, rooms in self._here(interaction, now).items()
        ]
        await _show(interaction, rows or [render(messages.NOBODY_AWAKE)])

    @app_commands.command(description="End a character’s app-server and start another.")
    @app_commands.describe(character="Whose app-server")
    async def restart(self, interaction: Interaction, character: str) -> None:
        """End the app-server even in mid-turn and start another; its turns are asked again."""
        instance = self._running(interaction, character)
        if self._pool.stats().draining:
            raise RefusedError(refusals.POOL_DRAINED)
        # A restart takes longer than Discord's three seconds.
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            done = await self._pool.restart(instance.character)
        except (CodexError, PoolClosedError) as error:
            raise RefusedError(refusals.NoRestart(str(error)[:500])) from error
        if not done:
            raise RefusedError(refusals.JustEnding(instance.character))
        await _tell(interaction, render(messages.HasNewServer(instance.character)))

    @app_commands.command(description="Put a character that does nothing to sleep.")
    @app_commands.describe(character="Whose app-server")
    async def evict(self, interaction: Interaction, character: str) -> None:
        """End the app-server if it is idle; the character's next turn starts another."""
        instance = self._running(interaction, character)
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not await self._pool.evict(instance.character):
            raise RefusedError(refusals.InstanceBusy(instance.character))
        await _tell(interaction, render(messages.Sleeps(instance.character)))

    @app_commands.command(description="Take no new turns until you run it again.")
    async def drain(self, interaction: Interaction) -> None:
        """Toggle between accepting new turns and only finishing the running ones."""
        _authorise_owner(interaction)
        admit, drain = self._pool.admit, self._pool.drain
        if self._pool.stats().draining:
            do, undo, done = admit, drain, messages.ADMITS
        else:
            do, undo, done = drain, admit, messages.DRAINS
        do()
        try:
            await show(interaction, render(done), private=True)
        except FAILURES:
            # Discord tells the owner that the command failed, so undo the change.
            undo()
            raise

    @restart.autocomplete("character")
    @evict.autocomplete("character")
    async def _complete_awake(self, interaction: Interaction, typed: str) -> list[_Choice]:
        if not owns_bot(interaction):
            return []
        wanted = typed.strip().casefold()
        keys = dict.fromkeys(instance.character for instance in self._pool.stats().instances)
        matching = [key for key in keys if wanted in key.casefold()]
        return [app_commands.Choice(name=key, value=key) for key in matching[:CHOICES]]

    def _running(self, interaction: Interaction, character: str) -> InstanceStats:
        """Return the character's app-server.

        Raises `RefusedError` for anybody but the owner, and when none runs.
        """
        _authorise_owner(interaction)
        wanted = character.strip().casefold()
        for instance in self._pool.stats().instances:
            if instance.character.casefold() == wanted:
                return instance
        raise RefusedError(refusals.NoInstance(character.strip()[:100]))

    def _here(self, interaction: Interaction, now: PoolStats) -> dict[str, int]:
        """Return character → number of this server's rooms on its app-server, if any."""
        guild_id = interaction.guild_id
        here = {room.id for room in self._casting.rooms() if room.guild_id == guild_id}
        if interaction.guild is not None:
            here |= {thread.id for thread in interaction.guild.threads}
        rooms: dict[str, set[int]] = {}
        for instance in now.instances:
            # A character has two app-servers while one ends and the next starts.
            rooms.setdefault(instance.character, set()).update(here.intersection(instance.rooms))
        return {key: len(found) for key, found in rooms.items() if found}


def _sees_all(interaction: Interaction) -> bool:
    """Return whether this is the bot's owner. Raises `RefusedError` for neither owner nor admin."""
    if owns_bot(interaction):
        return True
    authorise(interaction, Right.MANAGE_SERVER)
    return False


def _authorise_owner(interaction: Interaction) -> None:
    if not owns_bot(interaction):
        raise RefusedError(refusals.OWNER_ONLY)


def _totals(now: PoolStats) -> list[str]:
    instances = now.instances
    used = messages.Used(
        messages.CodexThreads(now.total_threads),
        messages.Turns(sum(instance.turns for instance in instances)),
        messages.Tokens(sum(instance.tokens for instance in instances)),
        megabytes(sum(instance.memory for instance in instances)),
    )
    rows: list[Message] = [
        messages.Running(now.active, now.max, now.healthy, messages.Turns(now.queued)),
        used,
        messages.SinceStart(
            messages.Starts(now.starts), now.evictions, messages.FailedStarts(now.failures)
        ),
    ]
    if now.problem:
        rows.append(messages.Problem(now.problem[:300]))
    return [render(row) for row in rows]


def _server_totals(here: dict[str, int]) -> list[str]:
    """Return the totals for a server's admins: app-servers also serve other servers."""
    awake, rooms = messages.Characters(len(here)), messages.Rooms(sum(here.values()))
    return [render(messages.AwakeInServer(awake, rooms))]


def _row(stats: InstanceStats) -> str:
    state = stats.state.value
    row = messages.Instance(
        name=stats.character,
        state=messages.Resting(state, stats.idle) if stats.idle else messages.State(state),
        pid=str(stats.pid or "–"),
        age=stats.age,
        rooms=messages.Rooms(len(stats.rooms)),
        turns=messages.Turns(stats.turns),
        tokens=messages.Tokens(stats.tokens),
        memory=megabytes(stats.memory or None),
    )
    return render(messages.LastError(row, stats.last_error[:150]) if stats.last_error else row)


async def _show(interaction: Interaction, rows: list[str]) -> None:
    await interaction.response.send_message(
        fitted(rows), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


async def _tell(interaction: Interaction, text: str) -> None:
    await interaction.followup.send(
        shortened(text), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
