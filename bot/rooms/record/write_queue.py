"""Writes that the store has not taken yet: a lane for each room, in order. Owns the retries.

While the store is away or full, all lanes wait for it together, without end. A write that the store
refuses for its key alone holds only its room's lane, for `REFUSED_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from random import random
from typing import Final

from bot.copied_errors import copied
from bot.errors import StoreError, StoreRefusingError, StoreUnavailableError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Seconds before a waiting write is retried: the first time, and at most.
AGAIN_AFTER: Final = 0.1
AGAIN_WITHIN: Final = 2.0
# Seconds for which a write is retried that the store refuses for the value of its key.
REFUSED_SECONDS = 10.0

Write = Callable[[], Awaitable[None]]
# Errors that concern every write, not a single key.
FOR_ALL: Final = (StoreUnavailableError, StoreRefusingError)


@dataclass(slots=True)
class _Lane:
    """One room's writes. Times are loop times."""

    writes: deque[tuple[Write, frozenset[int]]] = field(default_factory=deque)
    """Each write, with the ids of the messages that it records."""
    tries: int = 0
    refused_at: float | None = None
    """Time of the first refusal of the first write, for its key alone; None if not refused."""
    due: float = 0.0
    reason: str = ""


class WriteQueue:
    """The lanes. A write is made at once unless its room's lane, or every lane, waits."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._lanes: dict[int, _Lane] = {}
        # Why the store takes no writes at all; None if it takes some, as far as is known.
        self._trouble: StoreError | None = None
        self._tries = 0
        self._news = asyncio.Event()
        self._trying: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return sum(len(lane.writes) for lane in self._lanes.values())

    def holds(self, room_id: int) -> bool:
        """Return whether writes of that room wait."""
        return room_id in self._lanes

    def check(self, room_id: int | None = None, *, messages: Collection[int] = ()) -> None:
        """Raise `StoreError` if the record of the room or the messages is out of date."""
        if self._lanes and self._trouble is not None:
            raise copied(self._trouble)
        for waiting_id, lane in self._lanes.items():
            told = any(not known.isdisjoint(messages) for _, known in lane.writes)
            if waiting_id == room_id or told:
                raise StoreUnavailableError(
                    f"what was said in room {waiting_id} is still to be written: {lane.reason}"
                )

    async def write(self, room_id: int, write: Write, *, messages: Collection[int] = ()) -> None:
        """Make the write now; if the store refuses, queue it in the room's lane."""
        reason = str(self._trouble or "")
        if room_id not in self._lanes and not (self._lanes and self._trouble is not None):
            try:
                await write()
            except StoreError as error:
                self._note(error)
                reason = str(error)
                log.warning("room %d: its record waits, what runs goes on: %s", room_id, error)
            else:
                return
        lane = self._lanes.setdefault(room_id, _Lane(reason=reason))
        lane.writes.append((write, frozenset(messages)))
        self._news.set()
        if self._trying is None or self._trying.done():
            self._trying = self._tasks.start("waiting writes", self._try())

    async def settle(self, timeout: float) -> None:
        """Wait until no write waits, for `timeout` seconds at most."""
        if self._trying is not None and not self._trying.done():
            await asyncio.wait({self._trying}, timeout=timeout)

    def _note(self, error: StoreError) -> None:
        self._trouble = error if isinstance(error, FOR_ALL) else None

    async def _try(self) -> None:
        self._tries = 0
        while self._lanes:
            now = asyncio.get_running_loop().time()
            room_id, lane = min(self._lanes.items(), key=lambda item: item[1].due)
            if lane.due > now:
                await self._pause(lane.due - now)
                continue
            await self._try_one(room_id, lane)
            if not lane.writes:
                del self._lanes[room_id]
        self._trouble = None
        log.info("the store has taken every write that waited")

    async def _try_one(self, room_id: int, lane: _Lane) -> None:
        write, _ = lane.writes[0]
        try:
            await write()
        except FOR_ALL as error:
            self._trouble = error
            self._tries += 1
            await asyncio.sleep(_wait(self._tries))
            return
        except StoreError as error:
            self._trouble, self._tries = None, 0
            if not self._is_given_up(lane, error):
                return
            log.error("room %d: a part of its record is lost: %s", room_id, error)  # noqa: TRY400 no trace needed
        except Exception:
            log.exception("room %d: a part of its record is lost", room_id)
        else:
            self._trouble, self._tries = None, 0
        lane.writes.popleft()
        lane.tries, lane.refused_at, lane.due = 0, None, 0.0

    def _is_given_up(self, lane: _Lane, error: StoreError) -> bool:
        """Return whether to give up the lane's first write; if not, set the time of its retry."""
        now = asyncio.get_running_loop().time()
        lane.reason = str(error)
        lane.refused_at = now if lane.refused_at is None else lane.refused_at
        lane.tries += 1
        lane.due = now + _wait(lane.tries)
        return now - lane.refused_at >= REFUSED_SECONDS

    async def _pause(self, seconds: float) -> None:
        """Sleep until a lane is due, or until a new write arrives."""
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return


def _wait(tries: int) -> float:
    """Return the seconds before the next try, a tenth of them random."""
    return min(AGAIN_AFTER * 2.0 ** min(tries - 1, 10), AGAIN_WITHIN) * (0.9 + random() / 10)  # noqa: S311 no secret
