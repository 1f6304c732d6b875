"""What the pages show of the bot: frozen values, made by the app from the pool and the store.

No secrets, no words of anybody, no ids of people: whoever reaches the port may read them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Probe = Callable[[], str | None]
"""What is wrong with one part of the bot, in a line for its owner; None when nothing is."""


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One app-server. Times in seconds, `memory` in bytes (None: unknown).

    `idle` is how long it has had nothing to do; None while it is busy.
    """

    character: str
    pid: int | None
    age: float
    idle: float | None
    rooms: int
    threads: int
    turns: int
    tokens: int
    memory: int | None
    healthy: bool = True
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class PoolView:
    """The pool as it is now. `queued` turns wait because every app-server is busy."""

    max_instances: int
    queued: int = 0
    draining: bool = False
    instances: tuple[InstanceView, ...] = ()

    @property
    def active(self) -> int:
        """App-servers alive."""
        return len(self.instances)

    @property
    def busy(self) -> int:
        """Those that hold a turn."""
        return sum(each.idle is None for each in self.instances)

    @property
    def healthy(self) -> int:
        """Those that answer and make progress."""
        return sum(each.healthy for each in self.instances)

    @property
    def threads(self) -> int:
        """Threads loaded in all of them."""
        return sum(each.threads for each in self.instances)

    @property
    def status(self) -> str:
        """`healthy`; `degraded` when an app-server is sick or nothing new is started."""
        return "degraded" if self.draining or self.healthy < self.active else "healthy"


@dataclass(frozen=True, slots=True)
class BotView:
    """The bot as it is now. `uptime` in seconds; `rooms` are those with a cast."""

    version: str
    codex_version: str
    uptime: float
    rooms: int
    pool: PoolView
