"""Small adapters between layers that must not know each other. No logic, only conversions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from bot.codex.pool import Pool
from bot.codex.stats import PoolStats
from bot.discord_io.client import TroupeClient
from bot.discord_io.heartbeats import unanswered
from bot.domain.actions import Action, ActionResult
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.rooms.actions.service import Actions
from bot.rooms.record.write_behind import WriteBehindLedger
from bot.rooms.runs.running_turns import RunningTurn, RunningTurns
from bot.rooms.turns.turn_health import FailedTurn, TurnHealth
from bot.store.ledger import RedisLedger
from bot.store.watch import StoreWatch
from bot.web.views import InstanceView, PoolView, Probe
from mcp_servers.ports import Guidelines

Rules = Callable[[int], Awaitable[str]]
"""A server's id → its rules for its characters."""


class TurnForTools:
    """A running turn and the rules that hold in it: `mcp_servers.ports.RunningTurn`."""

    def __init__(
        self,
        running: RunningTurn,
        *,
        actions: Actions,
        rules: Rules,
        codex_turn_id: str | None,
    ) -> None:
        self._running = running
        self._actions = actions
        self._rules = rules
        self._codex_turn_id = codex_turn_id

    @property
    def seat(self) -> Seat:
        """The seat whose turn is running."""
        return self._running.turn.seat

    async def perform(self, action: Action) -> ActionResult:
        """Take the action, unless the caller's Codex turn is over."""
        await self._running.check(self._codex_turn_id)
        return await self._actions.perform(self._running, action)

    async def guidelines(self) -> Guidelines:
        """Return the guild's rules and the character's own."""
        guild_id = self._running.turn.room.guild_id
        guild = await self._rules(guild_id) if guild_id is not None else ""
        return Guidelines(guild=guild, character=self._running.character.guidelines)


def turn_for_tools(
    seat: Seat | None,
    running_turns: RunningTurns,
    actions: Actions,
    rules: Rules,
    codex_turn_id: str | None,
) -> TurnForTools | None:
    """Return the seat's running turn for the model's tools; None when no turn is running."""
    running = running_turns.playing(seat) if seat is not None else None
    if running is None:
        return None
    return TurnForTools(running, actions=actions, rules=rules, codex_turn_id=codex_turn_id)


class MessageRecord:
    """The record of message authors: chunks are written behind, the rest goes to Redis directly."""

    def __init__(self, *, writing: WriteBehindLedger, reading: RedisLedger) -> None:
        self._writing = writing
        self._reading = reading

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Record that chunk `index` of the turn is this message."""
        await self._writing.chunk(turn, index, message_id)

    async def claim(self, turn: Turn, message_id: int) -> None:
        """Record a message of the character that is no part of the turn's answer."""
        await self._reading.claim(turn, message_id)

    async def authors(self, message_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Return message id → (character's key, turn's id), for recorded messages."""
        return await self._reading.authors(message_ids)

    async def orders(self, turn_ids: Collection[str]) -> Mapping[str, int]:
        """Return turn id → position of its answer; 0 while the answer is still being written."""
        return await self._reading.orders(turn_ids)


class Vitals:
    """The health of each part of the bot, for `/healthz`, the status page and `/diagnose`."""

    def __init__(
        self, *, client: TroupeClient, pool: Pool, store: StoreWatch, turns: TurnHealth
    ) -> None:
        self._client = client
        self._pool = pool
        self.turns = turns
        self.store = store

    def probes(self) -> dict[str, Probe]:
        """Return a probe per part: it returns the part's problem as a line, or None, at once."""
        return {
            "discord": self._discord,
            "redis": lambda: self.store.problem,
            "pool": lambda: "takes no new turns" if self._pool.stats().draining else None,
            "model": lambda: self.turns.problem,
        }

    def failed_turn(self) -> FailedTurn | None:
        """Return the last failed turn; None if a later turn succeeded."""
        return self.turns.last

    def _discord(self) -> str | None:
        shards = self._client.shards.values()
        down = [shard.id for shard in shards if shard.is_closed()]
        if down:
            return f"shards {down} are not connected"
        if not shards:
            return "not connected to Discord"
        silent = unanswered(self._client)
        if silent:
            longest = max(silent.values())
            return f"Discord has not answered shards {list(silent)} for {longest:.0f} s"
        return None


def awake(pool: Pool, character: str) -> bool:
    """Return whether the character has an app-server."""
    return any(instance.character == character for instance in pool.stats().instances)


def pool_view(stats: PoolStats) -> PoolView:
    """Convert the pool's statistics for the web pages."""
    return PoolView(
        max_instances=stats.max,
        queued=stats.queued,
        draining=stats.draining,
        starts=stats.starts,
        evictions=stats.evictions,
        failures=stats.failures,
        problem=stats.problem,
        instances=tuple(
            InstanceView(
                character=instance.character,
                state=instance.state.value,
                pid=instance.pid,
                age=instance.age,
                idle=instance.idle,
                rooms=len(instance.rooms),
                threads=instance.threads,
                turns=instance.turns,
                tokens=instance.tokens,
                memory=instance.memory,
                healthy=instance.healthy,
                last_error=instance.last_error,
            )
            for instance in stats.instances
        ),
    )
