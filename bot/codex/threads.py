"""The table of an app-server's Codex threads: their seats, and which are loaded or may unload.

Owns the table only; `instance` sends the requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.room import Seat

# Codex threads kept loaded: each costs about 5 MB, and a cold resume takes 35–70 ms (measured).
LOADED_KEPT = 24
# How many of a Codex thread's newest turns have their token count kept for a revert.
TURNS_KEPT = 32


@dataclass(slots=True)
class Known:
    """A Codex thread of this app-server."""

    thread_id: str
    seat: Seat | None = None
    loaded: bool = False
    kept: bool = True
    """Whether it is on disk, so that it can be loaded again."""
    tokens: int = 0
    """Codex's token count of the Codex thread; 0 when unknown."""
    before: dict[str, int] = field(default_factory=dict)
    """Turn id → `tokens` before that turn, for the newest `TURNS_KEPT` turns."""
    used: float = 0.0
    """Loop time of the last use."""
    turns: int = 0
    """Turns that run or wait for `lock`; the Codex thread must stay loaded for them."""
    unsure: bool = False
    """Whether it may contain a turn of unknown id: its caller left before Codex answered."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a turn runs, and while the Codex thread is loaded, reverted or injected into."""

    def ran(self, turn_id: str, total: int) -> None:
        """Record the end of a turn and the token count after it."""
        self.before[turn_id] = self.tokens
        if len(self.before) > TURNS_KEPT:
            del self.before[next(iter(self.before))]
        self.tokens = total

    def reverted(self, turn_id: str) -> None:
        """Restore the token count from before that turn, as Codex does (measured)."""
        self.tokens = self.before.pop(turn_id, 0)


class Threads:
    """The Codex threads of one app-server, by id."""

    def __init__(self) -> None:
        self._entries: dict[str, Known] = {}

    def __iter__(self) -> Iterator[Known]:
        return iter(self._entries.values())

    def know(self, thread_id: str) -> Known:
        """Return the entry of the Codex thread, adding it if needed."""
        return self._entries.setdefault(thread_id, Known(thread_id))

    def forget(self, thread_id: str) -> None:
        """Remove a lost Codex thread."""
        self._entries.pop(thread_id, None)

    def counted(self, thread_id: str, total: int) -> None:
        """Record Codex's token count of the Codex thread."""
        if thread_id in self._entries:
            self._entries[thread_id].tokens = total

    def unloaded(self, thread_id: str) -> None:
        """Record that Codex unloaded the Codex thread."""
        if thread_id in self._entries:
            self._entries[thread_id].loaded = False

    def seat(self, thread_id: str) -> Seat | None:
        """Return the seat of a Codex thread; None if another app-server has it."""
        entry = self._entries.get(thread_id)
        return entry.seat if entry is not None else None

    @property
    def loaded(self) -> int:
        """How many Codex threads are loaded."""
        return sum(entry.loaded for entry in self)

    def spare(self) -> list[Known]:
        """Return the Codex threads to unload, least recently used first, to keep `LOADED_KEPT`.

        Those with a running or waiting turn, and those that are not on disk, stay loaded.
        """
        idle = [
            entry
            for entry in self
            if entry.loaded and entry.kept and not (entry.turns or entry.lock.locked())
        ]
        idle.sort(key=lambda entry: entry.used)
        return idle[: max(0, self.loaded - LOADED_KEPT)]

    def replaced(self, seat: Seat, thread_id: str) -> list[Known]:
        """Return the seat's loaded Codex threads other than `thread_id`."""
        return [
            entry
            for entry in self
            if entry.seat == seat and entry.thread_id != thread_id and entry.loaded
        ]
