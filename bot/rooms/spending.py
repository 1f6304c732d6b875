"""What members spend, counted for every way in. Owns the counts of this hour and this day.

Counted in memory and written behind: one process speaks for a token, so its own counts are the
newest. The store is read once a window and person; while it cannot be read, nothing new begins.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from bot.domain.spending import Allowance, SpendingLimits, comes_back, day_of, hour_of
from bot.errors import RefusedError, StoreError
from bot.rooms import words
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# People whose hour is kept in memory; whoever asked longest ago goes first and is read again.
PEOPLE_LIMIT = 5_000
DAYS_KEPT = 2

_PersonHour = tuple[int, datetime]
"""A person, and the beginning of an hour."""


class SpendingStore(Protocol):
    """Where the counts outlive a restart, each for the length of its window."""

    async def turns(self, person: int, hour: datetime) -> int:
        """Turns that `person` caused in the hour that begins then. Raises `StoreError`."""
        ...

    async def add_turns(self, person: int, hour: datetime, count: int) -> int:
        """Add `count` turns; gives the new total. Raises `StoreError`."""
        ...

    async def tokens(self, day: datetime) -> int:
        """Tokens used on the day that begins then. Raises `StoreError`."""
        ...

    async def add_tokens(self, day: datetime, count: int) -> int:
        """Add `count` tokens; gives the new total. Raises `StoreError`."""
        ...


class Spending:
    """The counts, and what is left of the limits. `now()` is the time (aware)."""

    def __init__(
        self,
        store: SpendingStore,
        limits: SpendingLimits,
        tasks: Tasks,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._limits = limits
        self._tasks = tasks
        self._now = now
        self._turns: OrderedDict[_PersonHour, int] = OrderedDict()
        self._tokens: dict[datetime, int] = {}

    async def allowance(self, person: int) -> Allowance:
        """What is left for `person` now. Raises `StoreError` where that is not known."""
        turns, day_is_spent = None, False
        if limit := self._limits.turns_per_hour:
            turns = max(0, limit - await self._turns_of((person, hour_of(self._now()))))
        if limit := self._limits.tokens_per_day:
            day_is_spent = await self._tokens_of(day_of(self._now())) >= limit
        return Allowance(turns, day_is_spent)

    async def admit(self, person: int) -> None:
        """Count a turn for `person`, or raise `RefusedError` saying when to ask again.

        Raises `StoreError` where that is not known.
        """
        allowance = await self.allowance(person)
        if (refusal := allowance.refusal(0)) is not None:
            raise RefusedError(words.spent(refusal, comes_back(refusal, self._now())))
        self.count_turns(person, 1)

    def count_turns(self, person: int, count: int) -> None:
        """`person` caused so many turns more: counted before anything is awaited, so that a flood
        of messages in many rooms cannot slip through together.
        """
        key = (person, hour_of(self._now()))
        if not self._limits.turns_per_hour or not count:
            return
        if key in self._turns:
            self._turns[key] += count
        self._tasks.start("count turns", self._write_turns(key, count))

    def count_tokens(self, count: int) -> None:
        """Count the tokens of a turn, also of one that failed or was stopped."""
        day = day_of(self._now())
        if not count:
            return
        if day in self._tokens:
            self._tokens[day] += count
        self._tasks.start("count tokens", self._write_tokens(day, count))

    async def _turns_of(self, key: _PersonHour) -> int:
        if key not in self._turns:
            self._know_turns(key, await self._store.turns(*key))
        return self._turns[key]

    def _know_turns(self, key: _PersonHour, total: int) -> None:
        self._turns[key] = max(self._turns.get(key, 0), total)
        self._turns.move_to_end(key)
        if len(self._turns) > PEOPLE_LIMIT:
            self._turns.popitem(last=False)

    async def _tokens_of(self, day: datetime) -> int:
        if day not in self._tokens:
            self._know_tokens(day, await self._store.tokens(day))
        return self._tokens[day]

    def _know_tokens(self, day: datetime, total: int) -> None:
        self._tokens[day] = max(self._tokens.get(day, 0), total)
        # What was used before midnight may be written after it.
        for old in sorted(self._tokens)[:-DAYS_KEPT]:
            del self._tokens[old]

    async def _write_turns(self, key: _PersonHour, count: int) -> None:
        try:
            self._know_turns(key, await self._store.add_turns(*key, count))
        except StoreError as error:
            log.warning("%d turns are counted in memory only: %s", count, error)

    async def _write_tokens(self, day: datetime, count: int) -> None:
        try:
            self._know_tokens(day, await self._store.add_tokens(day, count))
        except StoreError as error:
            log.warning("%d tokens are counted in memory only: %s", count, error)
