"""Small adapters between floors that must not know each other. No logic, only shapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from bot.codex.pool import Pool
from bot.codex.stats import PoolStats
from bot.discord_io.client import TroupeClient
from bot.discord_io.heartbeats import unanswered
from bot.domain.actions import Poll
from bot.domain.enclosing import Enclosure
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.rooms.deeds import Deeds
from bot.rooms.patience import PatientLedger
from bot.rooms.scenes import Scene, Scenes
from bot.rooms.turn_health import FailedTurn, TurnHealth
from bot.store.ledger import RedisLedger
from bot.store.watch import StoreWatch
from bot.web.views import InstanceView, PoolView, Probe
from mcp_servers.ports import Guidelines

# A server's id → its rules for its characters.
Rules = Callable[[int], Awaitable[str]]


class SceneForModel:
    """A running scene with the rules that hold in it: `mcp_servers.ports.Scene`."""

    def __init__(
        self,
        scene: Scene,
        *,
        deeds: Deeds,
        rules: Rules,
        codex_turn_id: str | None,
    ) -> None:
        self._running = scene
        self._deeds = deeds
        self._rules = rules
        self._codex_turn_id = codex_turn_id

    @property
    def seat(self) -> Seat:
        """Whose turn it is."""
        return self._running.turn.seat

    async def react(self, emoji: str) -> None:
        """React to the message being answered."""
        await self._deeds.react(await self._scene(), emoji)

    async def skip(self, reason: str) -> None:
        """Say nothing this time."""
        (await self._scene()).skip(reason)

    async def reply_to(self, quote: str) -> str:
        """Answer the newest message with these words; gives the name of who said it."""
        return await self._deeds.reply_to(await self._scene(), quote)

    async def poll(self, poll: Poll) -> None:
        """Put a question to the vote."""
        await self._deeds.poll(await self._scene(), poll)

    async def open_thread(self, name: str) -> None:
        """Open a thread at the message being answered."""
        await self._deeds.open_thread(await self._scene(), name)

    async def pin(self, quote: str) -> None:
        """Pin the newest message with these words, or the one being answered."""
        await self._deeds.pin(await self._scene(), quote)

    async def send_file(self, file: Enclosure) -> None:
        """Send a file."""
        await self._deeds.send_file(await self._scene(), file)

    async def whisper(self, text: str) -> None:
        """Say something that only the person being answered can read."""
        await self._deeds.whisper(await self._scene(), text)

    async def set_status(self, text: str) -> None:
        """Say what the character is doing."""
        await self._deeds.set_status(await self._scene(), text)

    async def set_mood(self, name: str) -> None:
        """Wear the face of that mood."""
        await self._deeds.set_mood(await self._scene(), name)

    async def guidelines(self) -> Guidelines:
        """The guild's rules and the character's own."""
        guild_id = self._running.turn.room.guild_id
        guild = await self._rules(guild_id) if guild_id is not None else ""
        return Guidelines(guild=guild, character=self._running.character.guidelines)

    async def _scene(self) -> Scene:
        """The scene, if it is still the turn of the caller that is played in it."""
        await self._running.check(self._codex_turn_id)
        return self._running


def scene_for_model(
    seat: Seat | None, scenes: Scenes, deeds: Deeds, rules: Rules, codex_turn_id: str | None
) -> SceneForModel | None:
    """What is being said at `seat`, for the model's tools; None when nothing is."""
    scene = scenes.playing(seat) if seat is not None else None
    if scene is None:
        return None
    return SceneForModel(scene, deeds=deeds, rules=rules, codex_turn_id=codex_turn_id)


class MessageRecord:
    """Whose message is whose: what belongs to a turn is written patiently."""

    def __init__(self, *, writing: PatientLedger, reading: RedisLedger) -> None:
        self._writing = writing
        self._reading = reading

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Chunk `index` of the turn is shown as this message."""
        await self._writing.chunk(turn, index, message_id)

    async def claim(self, turn: Turn, message_id: int) -> None:
        """This message is the character's too, but no part of the turn's answer."""
        await self._reading.claim(turn, message_id)

    async def authors(self, message_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Message → (character's key, turn's id)."""
        return await self._reading.authors(message_ids)

    async def orders(self, turn_ids: Collection[str]) -> Mapping[str, int]:
        """Turn → its order, for those that were said; 0 for those that are being said."""
        return await self._reading.orders(turn_ids)


class Vitals:
    """Whether each part of the bot is well, for `/healthz`, the status page and `/diagnose`."""

    def __init__(
        self, *, client: TroupeClient, pool: Pool, store: StoreWatch, turns: TurnHealth
    ) -> None:
        self._client = client
        self._pool = pool
        self.turns = turns
        self.store = store

    def probes(self) -> dict[str, Probe]:
        """By part: what is wrong with it, in a line; None when nothing is. They answer at once."""
        return {
            "discord": self._discord,
            "redis": lambda: self.store.problem,
            "pool": lambda: "takes no new turns" if self._pool.stats().draining else None,
            "model": lambda: self.turns.problem,
        }

    def failed_turn(self) -> FailedTurn | None:
        """Return the last turn that failed; None when one went well since."""
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
    """Whether the character has an app-server."""
    return any(one.character == character for one in pool.stats().instances)


def pool_view(stats: PoolStats) -> PoolView:
    """The pool as the pages show it."""
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
                character=one.character,
                state=one.state.value,
                pid=one.pid,
                age=one.age,
                idle=one.idle,
                rooms=len(one.rooms),
                threads=one.threads,
                turns=one.turns,
                tokens=one.tokens,
                memory=one.memory,
                healthy=one.healthy,
                last_error=one.last_error,
            )
            for one in stats.instances
        ),
    )
