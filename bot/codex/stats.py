"""What the pool tells about itself: frozen values, for people and for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How an app-server is."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class InstanceStats:
    """One app-server. Times in seconds, memory in bytes; `pid` is None until it has one.

    `rooms` are the ids of the rooms it has a thread of; `leases` is how many hold it now.
    `last_error` is for admins and the log, never for a channel. `healthy` is False for one that
    should answer and does not, until it is gone; starting and orderly ending are no sickness.
    """

    character: str
    state: State
    pid: int | None
    age: float
    idle: float
    leases: int
    rooms: tuple[int, ...]
    threads: int
    turns: int
    tokens: int
    memory: int
    healthy: bool
    last_error: str


@dataclass(frozen=True, slots=True)
class PoolStats:
    """The whole pool. `active` counts every process that has a place, starting ones too.

    `queued` is how many wait for a place; `total_threads` how many threads are loaded.
    `problem` says which start failed last, None when starting goes well; for admins and the log.
    """

    active: int
    healthy: int
    max: int
    queued: int
    total_threads: int
    draining: bool
    starts: int
    evictions: int
    failures: int
    problem: str | None
    instances: tuple[InstanceStats, ...]
