"""Statistics of the pool: frozen values, for people and for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """State of an app-server."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class InstanceStats:
    """One app-server."""

    character: str
    """Its key."""
    state: State
    pid: int | None
    """None until the process has started."""
    age: float
    """Seconds since its slot was opened."""
    idle: float
    """Seconds since its last use; 0 while it is busy."""
    leases: int
    """How many leases are held now."""
    rooms: tuple[int, ...]
    """Ids of the rooms that it has a Codex thread for."""
    threads: int
    """How many Codex threads are loaded."""
    turns: int
    tokens: int
    memory: int
    """Bytes."""
    healthy: bool
    """False while it should answer and does not; starting and an orderly end are healthy."""
    last_error: str
    """For admins and the log, never for a channel."""


@dataclass(frozen=True, slots=True)
class PoolStats:
    """The whole pool."""

    active: int
    """Processes that count against the capacity, starting and ending ones included."""
    healthy: int
    max: int
    queued: int
    """Callers that wait for a slot."""
    total_threads: int
    """How many Codex threads are loaded."""
    draining: bool
    starts: int
    evictions: int
    failures: int
    problem: str | None
    """The latest failed start, for admins and the log; None while starts succeed."""
    instances: tuple[InstanceStats, ...]
