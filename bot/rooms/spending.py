"""What members spend, counted for every way in. Owns the counts of this hour and this day.

Counted in memory and written behind: one process speaks for a token, so its own counts are the
newest. The store is read once a window and person; while it cannot be read, nothing new begins.

A turn is counted by its id: a process that decides once more on what a dead one had decided, or a
write whose answer was lost and that is sent again, counts nothing twice.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from bot.domain.spending import Allowance, SpendingLimits, comes_back, day_of, hour_of, refusal_for
from bot.errors import RefusedError, StoreError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# People whose hour is kept in memory; whoever asked longest ago goes first and is read again.
# Some 150 bytes a turn: 20 kB for one who has used up the hour that the settings give by default.
PEOPLE_LIMIT = 2_000
DAYS_KEPT = 2

_PersonHour = tuple[int, datetime]
"""A person, and the beginning of an hour."""


class SpendingStore(Protocol):
    """Where the counts outlive a restart, each for the length of its window."""

    async def turns(self, person: int, hour: datetime) -> set[str]:
        """Ids of the turns that `person` caused in the hour that begins then.

        Raises `StoreError`.
        """
        ...

    async def add_turns(self, person: int, hour: datetime, turn_ids: Collection[str]) -> None:
        """Add these turns, those that are there already once only. Raises `StoreError`."""
        ...

    async def tokens(self, day: datetime) -> int:
        """Tokens used on the day that begins then. Raises `StoreError`."""
        ...

    async def add_tokens(self, day: datetime, count: int) -> int:
        """Add `count` tokens; gives the new total. Raises `StoreError`."""
        ...


class Spending:
    """The counts, and what is left of the limits.

    `now()` is the time by the clock that dates messages and decisions (aware).
    """

    def __init__(
        self,
        store: SpendingStore,
        limits: SpendingLimits,
        tasks: Tasks,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._limits = limits
        self._tasks = tasks
        self._now = now
        self._turns: OrderedDict[_PersonHour, set[str]] = OrderedDict()
        self._tokens: dict[datetime, int] = {}

    async def allowance(self, person: int) -> Allowance:
        """What is left for `person` now. Raises `StoreError` where that is not known."""
        turns, day_is_spent = None, False
        if limit := self._limits.turns_per_hour:
            turns = max(0, limit - len(await self._turns_of((person, hour_of(self._now())))))
        if limit := self._limits.tokens_per_day:
            day_is_spent = await self._tokens_of(day_of(self._now())) >= limit
        return Allowance(turns, day_is_spent)

    async def admit(self, person: int) -> None:
        """Count a turn for `person`, or raise `RefusedError` saying when to ask again.

        Raises `StoreError` where that is not known.
        """
        allowance = await self.allowance(person)
        if (refusal := allowance.refusal(0)) is not None:
            raise RefusedError(refusal_for(refusal, comes_back(refusal, self._now())))
        self.count_turns(person, (uuid4().hex,), at=self._now())

    def count_turns(self, person: int, turn_ids: Collection[str], *, at: datetime) -> None:
        """`person` caused these turns by what was decided then: counted before anything is awaited,
        so that a flood of messages in many rooms cannot slip through together.
        """
        key = (person, hour_of(at))
        if not self._limits.turns_per_hour or not turn_ids:
            return
        if key in self._turns:
            self._turns[key].update(turn_ids)
        self._tasks.start("count turns", self._write_turns(key, turn_ids))

    def count_tokens(self, count: int) -> None:
        """Count the tokens of a turn, also of one that failed or was stopped."""
        day = day_of(self._now())
        if not count:
            return
        if day in self._tokens:
            self._tokens[day] += count
        self._tasks.start("count tokens", self._write_tokens(day, count))

    async def _turns_of(self, key: _PersonHour) -> set[str]:
        if key not in self._turns:
            kept = await self._store.turns(*key)
            # Others may have been counted while it was read.
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
        # What was used before midnight may be written after it.
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
