"""Frozen values that the web pages show, made by the app from the pool and the store.

Anybody who reaches the port can read them, so they hold no secrets, message text or ids of people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.endpoint.table import Row

Probe = Callable[[], str | None]
"""Returns the problem of a part of the bot, in a line for its owner, or None."""


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An app-server."""

    character: str
    state: str
    """`starting`, `idle`, `busy` or `stopping`."""
    pid: int | None
    """None if unknown."""
    age: float
    """Seconds since the start."""
    idle: float
    """Seconds since the last turn."""
    rooms: int
    threads: int
    """Loaded Codex threads."""
    turns: int
    tokens: int
    memory: int | None
    """Bytes; None if unknown."""
    healthy: bool = True
    """False only if the app-server should answer but does not."""
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class PoolView:
    """The pool's current state."""

    max_instances: int
    queued: int = 0
    """Turns that wait because every app-server is busy."""
    draining: bool = False
    starts: int = 0
    """App-servers started since the bot's start."""
    evictions: int = 0
    """App-servers evicted since the bot's start."""
    failures: int = 0
    """Failed starts of app-servers since the bot's start."""
    problem: str | None = None
    """Why app-servers do not start; None if they do."""
    instances: tuple[InstanceView, ...] = ()

    @property
    def active(self) -> int:
        """App-servers that occupy a slot, starting and stopping ones included."""
        return len(self.instances)

    @property
    def busy(self) -> int:
        """App-servers that run a turn."""
        return sum(instance.state == "busy" for instance in self.instances)

    @property
    def healthy(self) -> int:
        """App-servers that can be used now."""
        usable = {"idle", "busy"}
        return sum(instance.healthy and instance.state in usable for instance in self.instances)

    @property
    def threads(self) -> int:
        """Codex threads loaded in all app-servers."""
        return sum(instance.threads for instance in self.instances)

    @property
    def status(self) -> str:
        """`degraded` if draining, or an app-server is sick or cannot start; else `healthy`."""
        bad = self.draining or self.problem is not None or self.sick
        return "degraded" if bad else "healthy"

    @property
    def sick(self) -> bool:
        """Whether any app-server should answer but does not."""
        return any(not instance.healthy for instance in self.instances)


@dataclass(frozen=True, slots=True)
class StoreView:
    """State of Redis at the last probe."""

    writable: bool
    used: int | None = None
    """Bytes of memory in use; None if unknown."""
    limit: int | None = None
    """Bytes of memory that Redis may use; None if unknown."""


@dataclass(frozen=True, slots=True)
class BotView:
    """The bot's current state."""

    version: str
    codex_version: str
    uptime: float
    """Seconds."""
    rooms: int
    """Number of rooms with a cast."""
    pool: PoolView
    store: StoreView | None = None
    models: tuple[ModelView, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """(part, text) of faults and disabled features that are no reason for a 503."""
    characters: tuple[tuple[str, str], ...] = ()
    """(name, description) of every character that can be summoned."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """The known properties of a model."""

    name: str
    rows: tuple[Row, ...]
    """The same rows as in `doctor`."""


@dataclass(frozen=True, slots=True)
class FailedTurnView:
    """The last failed turn, if none has succeeded since."""

    reason: str
    """A value of `TurnFailure`."""
    text: str
    at: datetime
