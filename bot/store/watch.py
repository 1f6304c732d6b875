"""The store's health: probed every few seconds, kept for the pages, logged when it changes.

Owns when a change is worth a line. The texts are `bot.messages.store`'s.
"""

from __future__ import annotations

import logging
from typing import Final

from bot.errors import StoreError, StoreRefusal, StoreRefusingError
from bot.messages import store as store_messages
from bot.store.probing import MemoryUse, Prober

log = logging.getLogger(__name__)

# The share of its memory from which on the server is nearly full, and below which it is not again.
NEARLY_FULL: Final = 0.8
ROOM_AGAIN: Final = 0.75


class StoreWatch:
    """The result of the newest probe."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self.error: StoreError | None = None
        """Why it does not serve; None when it does."""
        self.memory: MemoryUse | None = None
        """As it was told last; None before that."""
        self._is_nearly_full = False

    @property
    def nearly_full(self) -> float | None:
        """The share of its memory that is used, once that is so much that somebody should look."""
        return self.memory.share if self._is_nearly_full and self.memory is not None else None

    @property
    def problem(self) -> str | None:
        """The fault and its fix in one line; None when the store is well."""
        return None if self.error is None else store_messages.for_owner(self.error)

    @property
    def warning(self) -> str | None:
        """A warning that the store is nearly full; None when it is not."""
        memory = self.memory
        if not self._is_nearly_full or memory is None:
            return None
        return store_messages.nearly_full(memory.used, memory.limit, memory.of_host)

    async def look(self) -> None:
        """Probe the store: make a write, and read how full its memory is."""
        found: StoreError | None = None
        try:
            await self._look_at_memory()
            await self._prober.write()
        except StoreError as error:
            found = error
        # Not before: a server that is away takes seconds to say so, and is not well meanwhile.
        before, self.error = self.error, found
        if _kind(before) != _kind(found):
            if found is not None:
                log.error("nobody can be answered: %s", self.problem)
            else:
                log.info("Redis takes writes again")

    async def _look_at_memory(self) -> None:
        try:
            self._note(await self._prober.memory())
        except StoreRefusingError as refused:
            # Who may not ask for INFO can be served all the same: the write tells.
            if refused.refusal is not StoreRefusal.RIGHTS:
                raise

    def _note(self, memory: MemoryUse) -> None:
        self.memory = memory
        if memory.share >= NEARLY_FULL and not self._is_nearly_full:
            self._is_nearly_full = True
            log.warning("%s %s", self.warning, store_messages.more_memory(memory.of_host))
        elif memory.share < ROOM_AGAIN:
            self._is_nearly_full = False


def _kind(error: StoreError | None) -> str:
    """Errors of the same kind are one outage, whatever their texts."""
    return error.refusal.value if isinstance(error, StoreRefusingError) else type(error).__name__
