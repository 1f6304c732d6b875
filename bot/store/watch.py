"""The store's health: probed every few seconds, kept for the pages, logged when it changes.

Owns the decision when to log a change; `bot.messages.store` has the texts.
"""

from __future__ import annotations

import logging
from typing import Final

from bot.errors import StoreError, StoreRefusal, StoreRefusingError
from bot.messages import store as store_messages
from bot.store.probing import MemoryUse, Prober

log = logging.getLogger(__name__)

# The share of used memory at which the warning starts, and the share below which it ends.
NEARLY_FULL: Final = 0.8
ROOM_AGAIN: Final = 0.75


class StoreWatch:
    """The result of the newest probe."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self.error: StoreError | None = None
        """Why the store fails; None while it works."""
        self.memory: MemoryUse | None = None
        """The last reading; None before the first."""
        self._is_nearly_full = False

    @property
    def nearly_full(self) -> float | None:
        """The share of used memory while the warning is on, else None."""
        return self.memory.share if self._is_nearly_full and self.memory is not None else None

    @property
    def problem(self) -> str | None:
        """The fault and its fix on a single line; None while the store works."""
        return None if self.error is None else store_messages.for_owner(self.error)

    @property
    def warning(self) -> str | None:
        """The warning that the store is nearly full; None while it is not."""
        memory = self.memory
        if not self._is_nearly_full or memory is None:
            return None
        return store_messages.nearly_full(memory.used, memory.limit, memory.of_host)

    async def look(self) -> None:
        """Probe the store: read its use of memory, and make a test write."""
        found: StoreError | None = None
        try:
            await self._look_at_memory()
            await self._prober.write()
        except StoreError as error:
            found = error
        # Only now: an unreachable server takes seconds to time out, and the old error still holds.
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
            # A user without the right to INFO may still write: the test write decides.
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
    """Return the kind of an error: errors of the same kind count as the same outage."""
    return error.refusal.value if isinstance(error, StoreRefusingError) else type(error).__name__
