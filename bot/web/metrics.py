"""Prometheus metrics in a separate registry. Owns their names, labels and buckets.

Labels have few, fixed values: no cardinality that grows with rooms, people or characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.web.views import PoolView, StoreView

Ending = Literal["answered", "skipped", "acted", "changed", "failed", "undelivered"]

OUTCOMES: tuple[Ending, ...] = get_args(Ending)
STATES = ("starting", "idle", "busy", "stopping")

# Buckets, in seconds. First words arrive well under a second; a long answer takes minutes.
FIRST_WORDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30)
TURN = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
WAIT = (0.01, 0.1, 0.5, 1, 5, 15, 30, 60)


class Metrics:
    """Every metric of the bot. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._turns = Counter("troupe_turns", "Turns ended", ["outcome"], registry=own)
        self._turn = Histogram(
            "troupe_turn_seconds", "Turn taken up to its end", buckets=TURN, registry=own
        )
        self._first_words = Histogram(
            "troupe_first_words_seconds",
            "Turn taken up to first words",
            buckets=FIRST_WORDS,
            registry=own,
        )
        self._waits = Histogram(
            "troupe_lease_wait_seconds", "Wait for an app-server", buckets=WAIT, registry=own
        )
        self._recoveries = Counter(
            "troupe_session_recoveries", "Lost threads replayed", registry=own
        )
        self._pool = _PoolCollector()
        own.register(self._pool)
        for outcome in OUTCOMES:
            self._turns.labels(outcome)
        ProcessCollector(registry=own)

    def turn_ended(self, outcome: str, seconds: float) -> None:
        """Count a turn that ended `seconds` after it started."""
        self._turns.labels(outcome).inc()
        self._turn.observe(seconds)

    def first_words(self, seconds: float) -> None:
        """Record that an answer's first words came `seconds` after the turn started."""
        self._first_words.observe(seconds)

    def waited(self, seconds: float) -> None:
        """Record that a turn waited `seconds` for an app-server."""
        self._waits.observe(seconds)

    def recovered(self) -> None:
        """Count a lost Codex thread that was replayed into a new one."""
        self._recoveries.inc()

    def show(self, pool: PoolView, rooms: int, store: StoreView | None = None) -> None:
        """Set the state of the pool and the store; call before each scrape."""
        self._pool.seen = (pool, rooms, store)

    def text(self) -> bytes:
        """Return Prometheus text. Blocks (reads /proc), so call it in a worker thread."""
        return generate_latest(self.registry)


class _PoolCollector(Collector):
    """Exports the last known state of the pool and the store.

    The pool keeps its own counters, which are exported as they are.
    """

    def __init__(self) -> None:
        self.seen: tuple[PoolView, int, StoreView | None] | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families; none before the first `show`."""
        if self.seen is None:
            return
        pool, rooms, store = self.seen
        yield _states(pool)
        yield from _memory_of(store)
        for name, text, value in (
            ("troupe_instances_max", "App-servers at most", pool.max_instances),
            ("troupe_instances_memory_bytes", "Memory of all app-servers", _memory(pool)),
            ("troupe_threads", "Threads loaded", pool.threads),
            ("troupe_queued_turns", "Turns waiting for an app-server", pool.queued),
            ("troupe_rooms", "Rooms with a cast", rooms),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        for name, text, value in (
            ("troupe_instance_starts", "App-servers started", pool.starts),
            ("troupe_instance_evictions", "App-servers ended to make room", pool.evictions),
            ("troupe_instance_failures", "Starts that failed", pool.failures),
        ):
            yield CounterMetricFamily(name, text, value=value)


def _memory_of(store: StoreView | None) -> Iterator[Metric]:
    if store is None:
        return
    for name, text, value in (
        ("troupe_redis_writable", "Whether Redis took the last probe’s write", store.writable),
        ("troupe_redis_memory_bytes", "Memory that Redis uses", store.used),
        ("troupe_redis_memory_limit_bytes", "Memory that Redis may use", store.limit),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, text, value=value)


def _states(pool: PoolView) -> GaugeMetricFamily:
    family = GaugeMetricFamily("troupe_instances", "App-servers", labels=["state"])
    for state in STATES:
        number = sum(instance.state == state for instance in pool.instances)
        family.add_metric([state], number)
    family.add_metric(["sick"], sum(not instance.healthy for instance in pool.instances))
    return family


def _memory(pool: PoolView) -> int:
    return sum(instance.memory or 0 for instance in pool.instances)
