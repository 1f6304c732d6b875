"""A place in the pool: one character's app-server, from the wish for it to its end. A record."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from bot.codex.instance import Instance
from bot.codex.stats import InstanceStats, State
from bot.domain.character import Character


@dataclass(slots=True, eq=False)
class Slot:
    """`starting` gives the instance, or why there is none. `leases` counts who holds it.

    `bearer` names this very process to our MCP servers. `ending` runs once it was let go.
    Times are the event loop's.
    """

    character: Character
    born: float
    bearer: str = field(default_factory=secrets.token_urlsafe, repr=False)
    leases: int = 0
    used: float = 0.0
    starting: asyncio.Task[Instance | Exception] | None = None
    instance: Instance | None = None
    ending: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """The character's."""
        return self.character.key

    @property
    def idle(self) -> bool:
        """Whether it may be evicted: it runs, nobody holds it, and no turn is being ended."""
        instance = self.instance
        ready = instance is not None and self.ending is None
        return ready and self.leases == 0 and (instance is None or instance.turns_running == 0)

    @property
    def state(self) -> State:
        """As people see it."""
        if self.ending is not None:
            return State.STOPPING
        if self.instance is None:
            return State.STARTING
        return State.IDLE if self.idle else State.BUSY

    @property
    def healthy(self) -> bool:
        """False for one that should answer and does not: condemned, or gone by itself."""
        instance = self.instance
        return instance is None or instance.well

    def stats(self, now: float) -> InstanceStats:
        """What is known of it at loop time `now`."""
        instance = self.instance
        known = list(instance.threads) if instance is not None else []
        return InstanceStats(
            character=self.key,
            state=self.state,
            pid=instance.process.pid if instance is not None else None,
            age=now - self.born,
            idle=now - self.used if self.idle else 0.0,
            leases=self.leases,
            rooms=tuple(sorted({t.seat.room_id for t in known if t.seat is not None})),
            threads=instance.threads.loaded if instance is not None else 0,
            turns=instance.turns_done if instance is not None else 0,
            tokens=instance.tokens if instance is not None else 0,
            memory=instance.process.memory() if instance is not None else 0,
            healthy=self.healthy,
            last_error=instance.last_error if instance is not None else "",
        )
