"""What is counted and timed, in a registry of its own. Owns names, labels and buckets.

`Metrics` is handed to whoever has something to count. Labels are few and closed: nothing that
grows with rooms, people or characters.
"""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from bot.web.views import PoolView

Outcome = Literal["answered", "skipped", "failed", "interrupted", "closed"]
Delivered = Literal["whole", "failed", "withdrawn"]
Kind = Literal["input", "cached_input", "output"]

OUTCOMES: tuple[Outcome, ...] = ("answered", "skipped", "failed", "interrupted", "closed")
DELIVERED: tuple[Delivered, ...] = ("whole", "failed", "withdrawn")
KINDS: tuple[Kind, ...] = ("input", "cached_input", "output")

# Seconds. First words come in well under one; a long answer takes minutes.
FIRST_WORDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30)
TURN = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
WAIT = (0.01, 0.1, 0.5, 1, 5, 15, 30, 60)


class Metrics:
    """Every metric of the bot. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._turns = Counter("troupe_turns", "Turns ended", ["outcome"], registry=own)
        self._turn = Histogram(
            "troupe_turn_seconds", "Accepted to done", buckets=TURN, registry=own
        )
        self._first_words = Histogram(
            "troupe_first_words_seconds",
            "Message seen to first words shown",
            buckets=FIRST_WORDS,
            registry=own,
        )
        self._waits = Histogram(
            "troupe_lease_wait_seconds", "Wait for an app-server", buckets=WAIT, registry=own
        )
        self._tokens = Counter("troupe_tokens", "Tokens used", ["kind"], registry=own)
        self._deliveries = Counter("troupe_deliveries", "Answers shown", ["how"], registry=own)
        self._retries = Counter(
            "troupe_discord_retries", "Requests to Discord tried again", registry=own
        )
        self._store_errors = Counter("troupe_store_errors", "Store calls that failed", registry=own)
        self._recoveries = Counter(
            "troupe_session_recoveries", "Lost threads replayed", registry=own
        )
        self._starts = Counter("troupe_instance_starts", "App-servers started", registry=own)
        self._deaths = Counter("troupe_instance_deaths", "App-servers that died", registry=own)
        self._gauges()
        for outcome in OUTCOMES:
            self._turns.labels(outcome)
        for how in DELIVERED:
            self._deliveries.labels(how)
        for kind in KINDS:
            self._tokens.labels(kind)
        ProcessCollector(registry=own)

    def _gauges(self) -> None:
        own = self.registry
        self._instances = Gauge("troupe_instances", "App-servers", ["state"], registry=own)
        self._max_instances = Gauge("troupe_instances_max", "App-servers at most", registry=own)
        self._threads = Gauge("troupe_threads", "Threads loaded", registry=own)
        self._queued = Gauge("troupe_queued_turns", "Turns waiting for an app-server", registry=own)
        self._memory = Gauge("troupe_instances_memory_bytes", "Memory of app-servers", registry=own)
        self._rooms = Gauge("troupe_rooms", "Rooms with a cast", registry=own)

    def turn_ended(self, outcome: Outcome, seconds: float) -> None:
        """A turn is over, `seconds` after it was accepted."""
        self._turns.labels(outcome).inc()
        self._turn.observe(seconds)

    def first_words(self, seconds: float) -> None:
        """The first words of an answer were shown, `seconds` after its message was seen."""
        self._first_words.observe(seconds)

    def waited(self, seconds: float) -> None:
        """An app-server was leased after `seconds`."""
        self._waits.observe(seconds)

    def tokens(self, kind: Kind, count: int) -> None:
        """A turn used `count` tokens: what was added, not Codex's running total."""
        self._tokens.labels(kind).inc(max(count, 0))

    def delivered(self, how: Delivered) -> None:
        """An answer reached its room, or did not."""
        self._deliveries.labels(how).inc()

    def discord_retried(self) -> None:
        """A request to Discord is tried again."""
        self._retries.inc()

    def store_failed(self) -> None:
        """The store failed after its own retries."""
        self._store_errors.inc()

    def recovered(self) -> None:
        """A lost thread was replayed into a new one."""
        self._recoveries.inc()

    def instance_started(self) -> None:
        """An app-server was started."""
        self._starts.inc()

    def instance_died(self) -> None:
        """An app-server ended without being asked to."""
        self._deaths.inc()

    def show(self, pool: PoolView, rooms: int) -> None:
        """Set the gauges to what is so now; done before each scrape."""
        self._instances.labels("busy").set(pool.busy)
        self._instances.labels("idle").set(pool.active - pool.busy)
        self._instances.labels("sick").set(pool.active - pool.healthy)
        self._max_instances.set(pool.max_instances)
        self._threads.set(pool.threads)
        self._queued.set(pool.queued)
        self._memory.set(sum(each.memory or 0 for each in pool.instances))
        self._rooms.set(rooms)

    def text(self) -> bytes:
        """Prometheus text. Reads /proc: call it on a thread."""
        return generate_latest(self.registry)
