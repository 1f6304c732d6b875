"""What the pages show of the bot: frozen values, made by the app from the pool and the store.

No secrets, no words of anybody, no ids of people: whoever reaches the port may read them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.endpoint.table import Row

Probe = Callable[[], str | None]
"""What is wrong with one part of the bot, in a line for its owner; None when nothing is."""


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One app-server. Times in seconds, `memory` in bytes; it and `pid` are None when unknown.

    `state` is `starting`, `idle`, `busy` or `stopping`. `healthy` is False only for one that
    should answer and does not.
    """

    character: str
    state: str
    pid: int | None
    age: float
    idle: float
    rooms: int
    threads: int
    turns: int
    tokens: int
    memory: int | None
    healthy: bool = True
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class PoolView:
    """The pool as it is now. `queued` turns wait because every app-server is busy.

    `starts`, `evictions` and `failures` (starts that failed) count since the bot began.
    `problem` says what keeps app-servers from starting; None when nothing does.
    """

    max_instances: int
    queued: int = 0
    draining: bool = False
    starts: int = 0
    evictions: int = 0
    failures: int = 0
    problem: str | None = None
    instances: tuple[InstanceView, ...] = ()

    @property
    def active(self) -> int:
        """App-servers that have a place, starting and stopping ones too."""
        return len(self.instances)

    @property
    def busy(self) -> int:
        """Those that hold a turn."""
        return sum(each.state == "busy" for each in self.instances)

    @property
    def healthy(self) -> int:
        """Those that can be used now."""
        return sum(each.healthy and each.state in {"idle", "busy"} for each in self.instances)

    @property
    def threads(self) -> int:
        """Threads loaded in all of them."""
        return sum(each.threads for each in self.instances)

    @property
    def status(self) -> str:
        """`healthy`; `degraded` when one is sick, does not start, or nothing new is started."""
        bad = self.draining or self.problem is not None or self.sick
        return "degraded" if bad else "healthy"

    @property
    def sick(self) -> bool:
        """Whether one that should answer does not."""
        return any(not each.healthy for each in self.instances)


@dataclass(frozen=True, slots=True)
class StoreView:
    """Redis as it was asked last: whether it takes writes, and its memory in bytes.

    `used` and `limit` are None when they are not known.
    """

    writable: bool
    used: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class BotView:
    """The bot as it is now. `uptime` in seconds; `rooms` are those with a cast."""

    version: str
    codex_version: str
    uptime: float
    rooms: int
    pool: PoolView
    store: StoreView | None = None
    models: tuple[ModelView, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """What is off or wrong though the bot is up, by its part: told, but no reason for a 503."""
    characters: tuple[tuple[str, str], ...] = ()
    """Everybody who can be summoned: name, and who it is in a line."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """What is known of one model; `rows` as `doctor` prints them."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FailedTurnView:
    """The last turn that failed, while none has gone well since. `reason` is a closed word."""

    reason: str
    text: str
    at: datetime
