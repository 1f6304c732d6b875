"""Counts turns per person and hour, and tokens per day, for the host's spending limits.

The counts are kept in memory and written behind: a bot token has one process, so its own counts are
the newest. The store is read once per window and person; while it cannot be read, no turn starts.

Turns are counted by id, so counting is idempotent: a message decided on again after a crash, or a
retried write, counts once.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from bot.domain.spending import Allowance, SpendingLimits, comes_back, day_of, hour_of, refusal_for
from bot.errors import RefusedError, StoreError
from bot.rooms.ports.clock import Clock
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Most people with their hour in memory; the least recently used is evicted, and read again.
# About 150 bytes a turn: 20 kB for a person who has used up the default hourly limit.
PEOPLE_LIMIT = 2_000
DAYS_KEPT = 2

_PersonHour = tuple[int, datetime]
"""A person's id, and the start of an hour."""


class SpendingStore(Protocol):
    """Persistent counts, each kept for the length of its window."""

    async def turns(self, person: int, hour: datetime) -> set[str]:
        """Return the ids of the turns that `person` caused in that hour. Raises `StoreError`."""
        ...

    async def add_turns(self, person: int, hour: datetime, turn_ids: Collection[str]) -> None:
        """Add these turns to the set of that hour. Idempotent. Raises `StoreError`."""
        ...

    async def tokens(self, day: datetime) -> int:
        """Return the tokens used on that day. Raises `StoreError`."""
        ...

    async def add_tokens(self, day: datetime, count: int) -> int:
        """Add `count` tokens and return the new total. Raises `StoreError`."""
        ...


class Spending:
    """Counts turns and tokens, and tells what the limits still allow."""

    def __init__(
        self,
        store: SpendingStore,
        limits: SpendingLimits,
        tasks: Tasks,
        *,
        clock: Clock,
    ) -> None:
        self._store = store
        self._limits = limits
        self._tasks = tasks
        self._now = clock.now
        self._turns: OrderedDict[_PersonHour, set[str]] = OrderedDict()
        self._tokens: dict[datetime, int] = {}

    async def allowance(self, person: int) -> Allowance:
        """Return what `person` may still use now. Raises `StoreError` when it cannot be read."""
        turns, day_is_spent = None, False
        if limit := self._limits.turns_per_hour:
            turns = max(0, limit - len(await self._turns_of((person, hour_of(self._now())))))
        if limit := self._limits.tokens_per_day:
            day_is_spent = await self._tokens_of(day_of(self._now())) >= limit
        return Allowance(turns, day_is_spent)

    async def admit(self, person: int) -> None:
        """Count a turn for `person`. Raises `RefusedError` that says when to ask again.

        Raises `StoreError` when the counts cannot be read.
        """
        allowance = await self.allowance(person)
        if (refusal := allowance.refusal(0)) is not None:
            raise RefusedError(refusal_for(refusal, comes_back(refusal, self._now())))
        self.count_turns(person, (uuid4().hex,), at=self._now())

    def count_turns(self, person: int, turn_ids: Collection[str], *, at: datetime) -> None:
        """Count the turns that a decision at `at` gave `person`.

        Synchronous, so that simultaneous messages in many rooms cannot all pass the limit.
        """
        key = (person, hour_of(at))
        if not self._limits.turns_per_hour or not turn_ids:
            return
        if key in self._turns:
            self._turns[key].update(turn_ids)
        self._tasks.start("count turns", self._write_turns(key, turn_ids))

    def count_tokens(self, count: int) -> None:
        """Count the tokens of a turn, including failed and stopped turns."""
        day = day_of(self._now())
        if not count:
            return
        if day in self._tokens:
            self._tokens[day] += count
        self._tasks.start("count tokens", self._write_tokens(day, count))

    async def _turns_of(self, key: _PersonHour) -> set[str]:
        if key not in self._turns:
            kept = await self._store.turns(*key)
            # `count_turns` may have run during the read.
            self._turns.setdefault(key, set()).update(kept)
        self._turns.move_to_end(key)
        if len(self._turns) > PEOPLE_LIMIT:
            self._turns.popitem(last=False)
        return self._turns[key]

    async def _tokens_of(self, day: datetime) -> int:
        if day not in self._tokens:
            self._know_tokens(day, await self._store.tokens(day))
        return self._tokens[day]

    def _know_tokens(self, day: datetime, total: int) -> None:
        self._tokens[day] = max(self._tokens.get(day, 0), total)
        # Keep yesterday too: its last tokens may be written after midnight.
        for old in sorted(self._tokens)[:-DAYS_KEPT]:
            del self._tokens[old]

    async def _write_turns(self, key: _PersonHour, turn_ids: Collection[str]) -> None:
        try:
            await self._store.add_turns(*key, turn_ids)
        except StoreError as error:
            log.warning("%d turns are counted in memory only: %s", len(turn_ids), error)

    async def _write_tokens(self, day: datetime, count: int) -> None:
        try:
            self._know_tokens(day, await self._store.add_tokens(day, count))
        except StoreError as error:
            log.warning("%d tokens are counted in memory only: %s", count, error)
