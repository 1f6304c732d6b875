"""A slot of the pool: one character's app-server, from the first lease to the end."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from bot.codex.instance import Instance
from bot.codex.stats import InstanceStats, State
from bot.domain.character import Character


@dataclass(slots=True, eq=False)
class Slot:
    """The state of one slot; times are the event loop's."""

    character: Character
    born: float
    """When the slot was opened."""
    bearer: str = field(default_factory=secrets.token_urlsafe, repr=False)
    """Authenticates this process to our MCP servers."""
    leases: int = 0
    """How many leases are held now."""
    used: float = 0.0
    """When a lease was last granted or released."""
    starting: asyncio.Task[Instance | Exception] | None = None
    """Returns the instance, or the error of the start."""
    instance: Instance | None = None
    ending: asyncio.Task[None] | None = None
    """Ends the process; None until the slot is removed from the pool."""

    @property
    def key(self) -> str:
        """The character's key."""
        return self.character.key

    @property
    def idle(self) -> bool:
        """Whether it may be evicted: running, without a lease, and with no turn still ending."""
        instance = self.instance
        ready = instance is not None and self.ending is None
        return ready and self.leases == 0 and (instance is None or instance.turns_running == 0)

    @property
    def state(self) -> State:
        """The state as people see it."""
        if self.ending is not None:
            return State.STOPPING
        if self.instance is None:
            return State.STARTING
        return State.IDLE if self.idle else State.BUSY

    @property
    def healthy(self) -> bool:
        """False when the process was condemned or ended unexpectedly."""
        instance = self.instance
        return instance is None or instance.well

    def stats(self, now: float) -> InstanceStats:
        """Return its figures at loop time `now`."""
        instance = self.instance
        entries = list(instance.threads) if instance is not None else []
        return InstanceStats(
            character=self.key,
            state=self.state,
            pid=instance.process.pid if instance is not None else None,
            age=now - self.born,
            idle=now - self.used if self.idle else 0.0,
            leases=self.leases,
            rooms=tuple(sorted({entry.seat.room_id for entry in entries if entry.seat})),
            threads=instance.threads.loaded if instance is not None else 0,
            turns=instance.turns_done if instance is not None else 0,
            tokens=instance.tokens if instance is not None else 0,
            memory=instance.process.memory() if instance is not None else 0,
            healthy=self.healthy,
            last_error=instance.last_error if instance is not None else "",
        )
