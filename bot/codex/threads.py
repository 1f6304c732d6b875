"""Which threads an app-server has: whose they are, which are loaded, which may unload.

Owns the record; asking Codex is `instance`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.room import Seat

# A loaded thread costs about 5 MB (measured) and a cold resume 35–70 ms: this many stay.
LOADED_KEPT = 24
# Turns of a thread whose beginning is remembered, for what a revert takes the count back to.
TURNS_KEPT = 32


@dataclass(slots=True)
class Known:
    """A thread of this app-server. `kept`: it is on disk, so it can be loaded again.

    `lock` is held while a turn runs or the thread is loaded; `turns` are those that run or wait for
    it, and need the thread loaded from before they get it. `unsure`: it may hold a turn whose id
    nobody was told, because whoever asked left before. `tokens` is what Codex counts for the
    thread, 0 when that is not known, and `before` what it was before each of the newest turns.
    """

    thread_id: str
    seat: Seat | None = None
    loaded: bool = False
    kept: bool = True
    tokens: int = 0
    before: dict[str, int] = field(default_factory=dict)
    used: float = 0.0
    turns: int = 0
    unsure: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def ran(self, turn_id: str, total: int) -> None:
        """A turn is over, and the thread has cost this much."""
        self.before[turn_id] = self.tokens
        if len(self.before) > TURNS_KEPT:
            del self.before[next(iter(self.before))]
        self.tokens = total

    def reverted(self, turn_id: str) -> None:
        """The thread is as it was before that turn, and so is its count (measured)."""
        self.tokens = self.before.pop(turn_id, 0)


class Threads:
    """The threads of one app-server, by id."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def __iter__(self) -> Iterator[Known]:
        return iter(self._known.values())

    def know(self, thread_id: str) -> Known:
        """The record of that thread, made when it is new."""
        return self._known.setdefault(thread_id, Known(thread_id))

    def forget(self, thread_id: str) -> None:
        """The thread is lost."""
        self._known.pop(thread_id, None)

    def counted(self, thread_id: str, total: int) -> None:
        """What the thread has cost, in tokens."""
        if thread_id in self._known:
            self._known[thread_id].tokens = total

    def unloaded(self, thread_id: str) -> None:
        """Codex has let it go."""
        if thread_id in self._known:
            self._known[thread_id].loaded = False

    def seat(self, thread_id: str) -> Seat | None:
        """Whose thread it is; None when it is not of this app-server."""
        known = self._known.get(thread_id)
        return known.seat if known is not None else None

    @property
    def loaded(self) -> int:
        """How many are loaded."""
        return sum(known.loaded for known in self)

    def spare(self) -> list[Known]:
        """Loaded ones over `LOADED_KEPT`, longest unused first, none that runs or is about to."""
        idle = [k for k in self if k.loaded and k.kept and not (k.turns or k.lock.locked())]
        idle.sort(key=lambda known: known.used)
        return idle[: max(0, self.loaded - LOADED_KEPT)]

    def replaced(self, seat: Seat, thread_id: str) -> list[Known]:
        """Loaded threads that this seat had before `thread_id`."""
        return [k for k in self if k.seat == seat and k.thread_id != thread_id and k.loaded]
