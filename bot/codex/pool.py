"""The pool of app-servers: one process for each character, handed out by lease.

A leased app-server is never evicted. At capacity the least recently used idle one is evicted; when
all are busy, callers wait in a fair queue. Slots are assigned without an await in between, so no
lock is held anywhere; a start runs as a task of its own, which all its waiters share.
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
from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.registry import Registry
from bot.codex.slot import Slot
from bot.codex.starting import Starting
from bot.codex.stats import PoolStats
from bot.codex.waiting import OnWait, Queue
from bot.copied_errors import copied
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.tool_calls import ToolAnswer, ToolCall
from bot.errors import CodexError, PoolClosedError
from bot.log import Redactor, bound
from bot.tasks import Tasks, forever

log = logging.getLogger(__name__)

SpecFor = Callable[[Character, str], LaunchSpec]
CallTool = Callable[[str, ToolCall], Awaitable[ToolAnswer]]
"""Runs a tool call for the process that has this bearer."""

# An app-server that has sent nothing for this long is pinged.
QUIET_SECONDS = 30.0
# Deadline for ending all app-servers concurrently; longer than `Process.stop` takes for one.
CLOSE_SECONDS = 9.0


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """The pool's settings; all but `max_instances` in seconds."""

    max_instances: int = 10
    idle_timeout: float = 600.0
    """How long an unused app-server is kept."""
    cleanup_interval: float = 60.0
    turn_timeout: float = 120.0
    """How long a turn may be silent before it is interrupted."""
    queue_timeout: float = 60.0
    """How long a caller waits in the queue for a slot."""
    patience: float = 3.0
    """How long the queue may wait while running app-servers still get new leases."""


class Pool:
    """The app-servers. Entering reaps processes that an earlier bot left; leaving ends all.

    `spec_for(character, bearer)` returns the launch spec. `on_start(bearer, character)` is called
    before a process starts, `on_stop(bearer)` after it has ended. `call_tool` serves tools that are
    plain functions; with None, calls of such tools are declined.
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
        """Lease the character's app-server, starting it if needed; leases are shared.

        `on_wait` is called with the position in the queue, from 1, whenever it changes. Raises
        `PoolBusyError`, `PoolClosedError`, and `CodexError` when the process cannot be started: at
        once while the character backs off after a failed start.
        """
        slot = await self._acquire(character, on_wait)
        try:
            yield await self._ready(slot)
        finally:
            self._release(slot)

    async def _acquire(self, character: Character, on_wait: OnWait | None) -> Slot:
        self._check(character.key)
        # A turn that ended after its lease freed a slot without serving the queue.
        self._serve()
        slot = self._slots.get(character.key)
        if slot is None and self._queue.first() is None:
            slot = self._open(character)
        # A long wait in the queue goes first: rooms that never fall silent would keep their
        # characters' slots for ever.
        if slot is not None and self._queue.waited() <= self._options.patience:
            # The character file may have been edited since the process started.
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
            raise copied(started)  # a copy for each waiter
        return started

    # --- slots -------------------------------------------------------------------------------

    def _serve(self) -> None:
        """Give free slots to the queue, first come, first served."""
        while not self._closed and (key := self._queue.first()) is not None:
            slot = self._slots.get(key) or self._open(self._wanted[key])
            if slot is None:
                return
            self._queue.grant(key, partial(self._hold, slot))
            self._wanted.pop(key, None)

    def _open(self, character: Character) -> Slot | None:
        """Open a slot, evicting the least recently used idle one at capacity; None if all are busy.

        The new process starts once the evicted one, and an earlier one of the character, has ended.
        """
        after = [old.ending for old in self._ending if old.key == character.key]
        if len(self._slots) + len(self._ending) >= self._options.max_instances:
            idle = [slot for slot in self._slots.values() if slot.idle]
            if not idle:
                return None
            victim = min(idle, key=lambda slot: slot.used)
            log.info("evicting the app-server of %s for %s", victim.key, character.key)
            self._evictions += 1
            self._retire(victim, replaced=True)
            after.append(victim.ending)
        slot = Slot(character, born=self._now, used=self._now)
        self._slots[slot.key] = slot
        self._bearers[slot.bearer] = slot
        endings = [task for task in after if task is not None]
        slot.starting = self._tasks.start(
            f"start {slot.key}", self._start(slot, endings), apart=True
        )
        return slot

    async def _start(self, slot: Slot, after: list[asyncio.Task[None]]) -> Instance | Exception:
        """Start the slot's process once the tasks of `after` are done; return any error."""
        with bound(character=slot.key):
            try:
                if after:
                    await asyncio.wait(after)
                instance = await self._starting.start(lambda: self._spawn(slot))
            except asyncio.CancelledError:
                self._dismiss(slot)
                return PoolClosedError("the app-server was stopped while it started")
            except Exception as error:  # noqa: BLE001 each waiter for the start raises it
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
        """Remove the slot and end its process; the capacity is free once the process is gone.

        `replaced`: the capacity already belongs to a new slot, which waits for the end.
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
        """Free the capacity of a slot whose process has ended or never started."""
        if self._slots.get(slot.key) is slot:
            del self._slots[slot.key]
        self._ending.discard(slot)
        self._replaced.discard(slot)
        self._bearers.pop(slot.bearer, None)
        self._redactor.forget(slot.bearer)
        if self._on_stop is not None:
            self._on_stop(slot.bearer)
        self._serve()

    # --- maintenance -------------------------------------------------------------------------

    async def look_after(self) -> None:
        """Evict the app-servers that idled for `idle_timeout`, and ping the quiet ones."""
        quiet = []
        for slot in list(self._slots.values()):
            if slot.instance is None:
                continue
            if slot.idle and self._now - slot.used >= self._options.idle_timeout:
                log.info("evicting the idle app-server of %s", slot.key)
                self._evictions += 1
                self._retire(slot)
            elif self._now - slot.instance.process.last_heard >= QUIET_SECONDS:
                quiet.append(slot.instance)
        self._serve()
        await asyncio.gather(*(instance.ping() for instance in quiet))

    def drain(self) -> None:
        """Grant no new leases and fail the queue; current leases go on."""
        self._draining = True
        self._queue.fail(PoolClosedError("no new turns are taken: the bot is going to restart"))

    def admit(self) -> None:
        """Grant leases again after `drain`."""
        self._draining = False

    async def evict(self, key: str) -> bool:
        """End the character's app-server if it is idle; False when it is busy or not running."""
        slot = self._slots.get(key)
        if slot is None or not slot.idle:
            return False
        self._retire(slot)
        await self._gone(slot)
        return True

    async def restart(self, key: str) -> bool:
        """End the character's app-server, even mid-turn, and start another; False if none runs.

        Running turns end with `TransportClosedError` and can be retried. Raises `CodexError` when
        the new process does not start, `PoolClosedError` if drained.
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
        """Fail the queue and end all app-servers concurrently, within ten seconds."""
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

    # --- queries -----------------------------------------------------------------------------

    def seat_for(self, bearer: str, thread_id: str) -> Seat | None:
        """Return the seat of a Codex thread; None unless the bearer's own process has it."""
        slot = self._bearers.get(bearer)
        return slot.instance.owns(thread_id) if slot is not None and slot.instance else None

    def stats(self) -> PoolStats:
        """Return the figures of the pool and of every process."""
        slots = [*self._slots.values(), *self._ending, *self._replaced]
        rows = tuple(slot.stats(self._now) for slot in slots)
        return PoolStats(
            active=len(slots),
            healthy=sum(slot.instance.usable for slot in self._slots.values() if slot.instance),
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
