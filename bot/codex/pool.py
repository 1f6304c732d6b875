"""Who has an app-server, and for how long: one for each character, leased and never looked up.

What is leased is never evicted. When all places are taken the longest idle one goes; when all
are busy, a fair queue. Nothing here waits while it holds anything: places are given between
two awaits, and a start runs as a task of its own that all who want it share.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from bot.codex.backoff import Backoff
from bot.codex.fresh import fresh
from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.registry import Registry
from bot.codex.slot import Slot
from bot.codex.starting import Starting
from bot.codex.stats import PoolStats
from bot.codex.waiting import OnWait, Queue
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.tool_calls import ToolAnswer, ToolCall
from bot.errors import CodexError, PoolClosedError
from bot.log import Redactor, bound
from bot.tasks import Tasks, forever

log = logging.getLogger(__name__)

SpecFor = Callable[[Character, str], LaunchSpec]
CallTool = Callable[[str, ToolCall], Awaitable[ToolAnswer]]
"""Makes a call of a tool for the process with that bearer."""

# An app-server that said nothing for this long is asked for a sign of life.
QUIET_SECONDS = 30.0
# All are ended at once; this is the end of patience, above what `Process.stop` takes.
CLOSE_SECONDS = 9.0


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """The pool's settings; all but `max_instances` in seconds.

    `queue_timeout` is how long somebody waits for a place, `turn_timeout` how long a turn may
    be silent, `patience` how long others may go on talking while somebody waits.
    """

    max_instances: int = 10
    idle_timeout: float = 600.0
    cleanup_interval: float = 60.0
    turn_timeout: float = 120.0
    queue_timeout: float = 60.0
    patience: float = 3.0


class Pool:
    """The app-servers. Enter it to reap what an earlier bot left; leave it to end them all.

    `spec_for(character, bearer)` says how to start one. `on_start(bearer, character)` is told
    before the process starts, `on_stop(bearer)` after it ended. `call_tool` serves the tools that
    are plain functions; None declines their calls.
    """

    def __init__(
        self,
        *,
        spec_for: SpecFor,
        registry: Registry,
        redactor: Redactor,
        options: PoolOptions,
        on_start: Callable[[str, Character], None] | None = None,
        on_stop: Callable[[str], None] | None = None,
        call_tool: CallTool | None = None,
    ) -> None:
        self._spec_for = spec_for
        self._registry = registry
        self._redactor = redactor
        self._options = options
        self._on_start = on_start
        self._on_stop = on_stop
        self._call_tool = call_tool
        self._slots: dict[str, Slot] = {}
        self._ending: set[Slot] = set()
        self._replaced: set[Slot] = set()
        self._bearers: dict[str, Slot] = {}
        self._wanted: dict[str, Character] = {}
        self._backoff = Backoff()
        self._queue: Queue[Slot] = Queue(seconds=options.queue_timeout, release=self._release)
        self._tasks = Tasks("codex-pool")
        self._starting = Starting()
        self._draining = False
        self._closed = False
        self._starts = self._evictions = 0

    async def __aenter__(self) -> Self:
        await self._registry.reap()
        self._tasks.start(
            "cleanup", forever(self._options.cleanup_interval, self.look_after, name="pool")
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # --- leases ------------------------------------------------------------------------------

    @asynccontextmanager
    async def lease(
        self, character: Character, *, on_wait: OnWait | None = None
    ) -> AsyncIterator[Instance]:
        """Hold the character's app-server, starting one if need be; several may hold it.

        `on_wait` is told the place in the queue, from 1, whenever it changes. Raises
        `PoolBusyError`, `PoolClosedError`, and `CodexError` when it cannot be started: at once
        while it rests after a failed start.
        """
        slot = await self._acquire(character, on_wait)
        try:
            yield await self._ready(slot)
        finally:
            self._release(slot)

    async def _acquire(self, character: Character, on_wait: OnWait | None) -> Slot:
        self._check(character.key)
        # A turn that ended after its lease did has made a place that nobody was told of.
        self._serve()
        slot = self._slots.get(character.key)
        if slot is None and self._queue.first() is None:
            slot = self._open(character)
        # Whoever waits for long goes first: rooms that never fall silent would keep their
        # characters' places for ever.
        if slot is not None and self._queue.waited() <= self._options.patience:
            # As it is now: its text may have been edited since the process started.
            slot.character = character
            return self._hold(slot)
        self._wanted[character.key] = character
        return await self._queue.wait(character.key, on_wait)

    def _check(self, key: str) -> None:
        if self._closed or self._draining:
            raise PoolClosedError("no new turns are taken: the bot is going to restart")
        self._backoff.check(key, self._now)

    def _hold(self, slot: Slot) -> Slot:
        slot.leases += 1
        slot.used = self._now
        return slot

    def _release(self, slot: Slot) -> None:
        slot.leases -= 1
        slot.used = self._now
        self._serve()

    async def _ready(self, slot: Slot) -> Instance:
        assert slot.starting is not None
        await asyncio.wait([slot.starting])
        if slot.starting.cancelled():
            raise PoolClosedError("the bot is shutting down")
        started = slot.starting.result()
        if isinstance(started, Exception):
            raise fresh(started)  # for each who waited
        return started

    # --- places ------------------------------------------------------------------------------

    def _serve(self) -> None:
        """Give places to those who wait, first come first served."""
        while not self._closed and (key := self._queue.first()) is not None:
            slot = self._slots.get(key) or self._open(self._wanted[key])
            if slot is None:
                return
            self._queue.grant(key, partial(self._hold, slot))
            self._wanted.pop(key, None)

    def _open(self, character: Character) -> Slot | None:
        """A new slot, in a free place or in the longest idle one's; None when there is none."""
        after = [old.ending for old in self._ending if old.key == character.key]
        if len(self._slots) + len(self._ending) >= self._options.max_instances:
            idle = [slot for slot in self._slots.values() if slot.idle]
            if not idle:
                return None
            victim = min(idle, key=lambda slot: slot.used)
            log.info("%s makes place for %s", victim.key, character.key)
            self._evictions += 1
            self._retire(victim, replaced=True)
            after.append(victim.ending)
        slot = Slot(character, born=self._now, used=self._now)
        self._slots[slot.key] = slot
        self._bearers[slot.bearer] = slot
        waiting = [task for task in after if task is not None]
        slot.starting = self._tasks.start(
            f"start {slot.key}", self._start(slot, waiting), apart=True
        )
        return slot

    async def _start(self, slot: Slot, after: list[asyncio.Task[None]]) -> Instance | Exception:
        """Start the slot's process once those of `after` are gone. Never raises."""
        with bound(character=slot.key):
            try:
                if after:
                    await asyncio.wait(after)
                instance = await self._starting.start(lambda: self._spawn(slot))
            except asyncio.CancelledError:
                self._dismiss(slot)
                return PoolClosedError("the app-server was stopped while it started")
            except Exception as error:  # noqa: BLE001 raised by each who waits for the start
                self._failed(slot, error)
                return error
        slot.instance = instance
        slot.used = self._now
        self._backoff.started(slot.key)
        self._starts += 1
        if not instance.usable:
            self._retire(slot)
        self._serve()
        return instance

    async def _spawn(self, slot: Slot) -> Instance:
        self._redactor.learn(slot.bearer)
        if self._on_start is not None:
            self._on_start(slot.bearer, slot.character)
        return await Instance.start(
            self._spec_for(slot.character, slot.bearer),
            redactor=self._redactor,
            silence=self._options.turn_timeout,
            registry=self._registry,
            on_ended=lambda _: self._retire(slot),
            serve_tool=partial(self._call_tool, slot.bearer) if self._call_tool else None,
        )

    def _failed(self, slot: Slot, error: Exception) -> None:
        if isinstance(error, CodexError):
            log.error("the app-server of %s does not start: %s", slot.key, error)
        else:
            log.error("the app-server of %s does not start", slot.key, exc_info=error)
        self._backoff.failed(slot.key, error, self._now)
        self._dismiss(slot)

    def _retire(self, slot: Slot, *, replaced: bool = False) -> None:
        """Give the slot up and end its process. Its place is free once that is gone.

        `replaced`: the place already belongs to another, which waits for the end.
        """
        if slot.ending is not None or slot.instance is None:
            return
        if self._slots.get(slot.key) is slot:
            del self._slots[slot.key]
        (self._replaced if replaced else self._ending).add(slot)
        slot.ending = self._tasks.start(f"end {slot.key}", self._end(slot, slot.instance))

    async def _end(self, slot: Slot, instance: Instance) -> None:
        try:
            await instance.close()
        finally:
            self._dismiss(slot)

    def _dismiss(self, slot: Slot) -> None:
        """The slot's process is gone, or never was: its place is free."""
        if self._slots.get(slot.key) is slot:
            del self._slots[slot.key]
        self._ending.discard(slot)
        self._replaced.discard(slot)
        self._bearers.pop(slot.bearer, None)
        self._redactor.forget(slot.bearer)
        if self._on_stop is not None:
            self._on_stop(slot.bearer)
        self._serve()

    # --- looking after them ------------------------------------------------------------------

    async def look_after(self) -> None:
        """One round: end those that idled for too long, ask the quiet ones for a sign of life."""
        quiet = []
        for slot in list(self._slots.values()):
            if slot.instance is None:
                continue
            if slot.idle and self._now - slot.used >= self._options.idle_timeout:
                log.info("the app-server of %s was idle; ending it", slot.key)
                self._evictions += 1
                self._retire(slot)
            elif self._now - slot.instance.process.last_heard >= QUIET_SECONDS:
                quiet.append(slot.instance)
        self._serve()
        await asyncio.gather(*(instance.ping() for instance in quiet))

    def drain(self) -> None:
        """Take no new leases; what is leased goes on. Those who wait are told."""
        self._draining = True
        self._queue.fail(PoolClosedError("no new turns are taken: the bot is going to restart"))

    def admit(self) -> None:
        """Take new leases again."""
        self._draining = False

    async def evict(self, key: str) -> bool:
        """End the character's app-server if it is idle; False when it is not, or has none."""
        slot = self._slots.get(key)
        if slot is None or not slot.idle:
            return False
        self._retire(slot)
        await self._gone(slot)
        return True

    async def restart(self, key: str) -> bool:
        """End the character's app-server, whatever it does, and start another.

        Its turns end with `TransportClosedError` and can be asked again. False when it has
        none. Raises `CodexError` when the new one does not start, `PoolClosedError` if drained.
        """
        slot = self._slots.get(key)
        if slot is None or slot.instance is None:
            return False
        self._backoff.clear(key)
        self._check(key)
        self._retire(slot)
        await self._gone(slot)
        async with self.lease(slot.character):
            return True

    async def close(self) -> None:
        """End every app-server, all at once, within ten seconds. Those who wait are told."""
        self._closed = True
        self._queue.fail(PoolClosedError("the bot is shutting down"))
        for slot in list(self._slots.values()):
            if slot.instance is None and slot.starting is not None:
                slot.starting.cancel()
            self._retire(slot)
        slots = [*self._slots.values(), *self._ending, *self._replaced]
        tasks = [task for slot in slots if (task := slot.ending or slot.starting) is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
            if late:
                log.error("%d app-servers did not end in time", len(late))
        await self._tasks.close()

    async def _gone(self, slot: Slot) -> None:
        if slot.ending is not None:
            await asyncio.wait([slot.ending])

    # --- what it tells -----------------------------------------------------------------------

    def seat_for(self, bearer: str, thread_id: str) -> Seat | None:
        """The seat of a thread, if it is the bearer's process's own; None for any other."""
        slot = self._bearers.get(bearer)
        return slot.instance.owns(thread_id) if slot is not None and slot.instance else None

    def stats(self) -> PoolStats:
        """What runs now."""
        slots = [*self._slots.values(), *self._ending, *self._replaced]
        rows = tuple(slot.stats(self._now) for slot in slots)
        return PoolStats(
            active=len(slots),
            healthy=sum(s.instance.usable for s in self._slots.values() if s.instance),
            max=self._options.max_instances,
            queued=len(self._queue),
            total_threads=sum(row.threads for row in rows),
            draining=self._draining or self._closed,
            starts=self._starts,
            evictions=self._evictions,
            failures=self._backoff.total,
            problem=self._backoff.problem(self._now),
            instances=rows,
        )

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()
