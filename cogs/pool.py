"""`/pool`: the app-servers that run. Whoever runs the bot sees all and may end them; a server's
admins see what concerns their server. What ending and draining mean is the pool's."""

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
from bot.rooms.casting import Casting
from cogs.announcing import FAILURES, show
from cogs.authority import Interaction, Right, authorise, owns_bot
from cogs.show import fitted, shortened

# Discord shows 25 choices at most.
CHOICES = 25

_Choice = app_commands.Choice[str]


@app_commands.default_permissions(manage_guild=True)
class PoolCog(commands.GroupCog, group_name="pool"):
    """Shows the pool, and passes on what its owner wants of it."""

    def __init__(self, *, pool: Pool, casting: Casting) -> None:
        self._pool = pool
        self._casting = casting

    @app_commands.command(description="How many app-servers run, and how busy they are.")
    async def stats(self, interaction: Interaction) -> None:
        """The pool in numbers; for a server's admins, how many of its characters are awake."""
        now = self._pool.stats()
        rows = _all(now) if _sees_all(interaction) else _part(self._here(interaction, now))
        if now.draining:
            rows.append(render(messages.DRAINED_ROW))
        await _show(interaction, rows)

    @app_commands.command(description="Each app-server: its character, age, turns, memory.")
    async def instances(self, interaction: Interaction) -> None:
        """A line for each app-server; for a server's admins, only its rooms in this server."""
        now = self._pool.stats()
        if _sees_all(interaction):
            rows = [_row(one) for one in now.instances]
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
        """End it whatever it does; its turns are asked again."""
        one = self._running(interaction, character)
        if self._pool.stats().draining:
            raise RefusedError(refusals.POOL_DRAINED)
        # To end and start takes longer than the three seconds that Discord waits.
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            done = await self._pool.restart(one.character)
        except (CodexError, PoolClosedError) as error:
            raise RefusedError(refusals.NoRestart(str(error)[:500])) from error
        if not done:
            raise RefusedError(refusals.JustEnding(one.character))
        await _tell(interaction, render(messages.HasNewServer(one.character)))

    @app_commands.command(description="Put a character that does nothing to sleep.")
    @app_commands.describe(character="Whose app-server")
    async def evict(self, interaction: Interaction, character: str) -> None:
        """End it if it is idle; its next turn starts another."""
        one = self._running(interaction, character)
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not await self._pool.evict(one.character):
            raise RefusedError(refusals.InstanceBusy(one.character))
        await _tell(interaction, render(messages.Sleeps(one.character)))

    @app_commands.command(description="Take no new turns; given again: take them again.")
    async def drain(self, interaction: Interaction) -> None:
        """Switch between taking new turns and only finishing those that run."""
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
            # Whoever gave the command is told that it failed: so nothing is changed.
            undo()
            raise

    @restart.autocomplete("character")
    @evict.autocomplete("character")
    async def _awake(self, interaction: Interaction, typed: str) -> list[_Choice]:
        if not owns_bot(interaction):
            return []
        wanted = typed.strip().casefold()
        keys = dict.fromkeys(one.character for one in self._pool.stats().instances)
        fitting = [key for key in keys if wanted in key.casefold()]
        return [app_commands.Choice(name=key, value=key) for key in fitting[:CHOICES]]

    def _running(self, interaction: Interaction, character: str) -> InstanceStats:
        """The app-server meant. Raises `RefusedError` for others than the owner, and for none."""
        _authorise_owner(interaction)
        wanted = character.strip().casefold()
        for one in self._pool.stats().instances:
            if one.character.casefold() == wanted:
                return one
        raise RefusedError(refusals.NoInstance(character.strip()[:100]))

    def _here(self, interaction: Interaction, now: PoolStats) -> dict[str, int]:
        """Character → how many rooms of this server it is awake for; none without any."""
        guild_id = interaction.guild_id
        here = {room.id for room in self._casting.rooms() if room.guild_id == guild_id}
        if interaction.guild is not None:
            here |= {thread.id for thread in interaction.guild.threads}
        rooms: dict[str, set[int]] = {}
        for one in now.instances:
            # Two of one character, while one ends and the next starts.
            rooms.setdefault(one.character, set()).update(here.intersection(one.rooms))
        return {key: len(found) for key, found in rooms.items() if found}


def _sees_all(interaction: Interaction) -> bool:
    """Whether it is the bot's owner; raises for whoever is no admin either."""
    if owns_bot(interaction):
        return True
    authorise(interaction, Right.MANAGE_SERVER)
    return False


def _authorise_owner(interaction: Interaction) -> None:
    if not owns_bot(interaction):
        raise RefusedError(refusals.OWNER_ONLY)


def _all(now: PoolStats) -> list[str]:
    every = now.instances
    used = messages.Used(
        messages.CodexThreads(now.total_threads),
        messages.Turns(sum(instance.turns for instance in every)),
        messages.Tokens(sum(instance.tokens for instance in every)),
        megabytes(sum(instance.memory for instance in every)),
    )
    rows: list[Message] = [
        messages.Running(now.active, now.max, now.healthy, messages.Turns(now.queued)),
        used,
        messages.SinceStart(now.starts, now.evictions, now.failures),
    ]
    if now.problem:
        rows.append(messages.Problem(now.problem[:300]))
    return [render(row) for row in rows]


def _part(here: dict[str, int]) -> list[str]:
    """What a server's admins are told: the rest of an app-server may be other servers'."""
    awake, rooms = messages.Characters(len(here)), messages.Rooms(sum(here.values()))
    return [render(messages.AwakeInServer(awake, rooms))]


def _row(one: InstanceStats) -> str:
    state = one.state.value
    row = messages.Instance(
        name=one.character,
        state=messages.Resting(state, one.idle) if one.idle else messages.State(state),
        pid=str(one.pid or "–"),
        age=one.age,
        rooms=messages.Rooms(len(one.rooms)),
        turns=messages.Turns(one.turns),
        tokens=messages.Tokens(one.tokens),
        memory=megabytes(one.memory or None),
    )
    return render(messages.LastError(row, one.last_error[:150]) if one.last_error else row)


async def _show(interaction: Interaction, rows: list[str]) -> None:
    await interaction.response.send_message(
        fitted(rows), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


async def _tell(interaction: Interaction, text: str) -> None:
    await interaction.followup.send(
        shortened(text), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
