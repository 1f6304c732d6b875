"""A ledger that outlives an outage of the store. Owns the writes that still have to be made.

Nothing new starts without the store: reads and `accept` fail at once. What already runs goes on:
its writes wait here, in order, and are repeated until the store takes them (each is safe to
repeat).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn
from bot.errors import StoreError, StoreUnavailableError
from bot.rooms.ports import Ledger
from bot.tasks import Tasks

log = logging.getLogger(__name__)

Write = Callable[[], Awaitable[None]]


class PatientLedger:
    """A `Ledger` over another one; see the module's docstring."""

    def __init__(self, ledger: Ledger, tasks: Tasks) -> None:
        self._ledger = ledger
        self._tasks = tasks
        self._waiting: deque[Write] = deque()
        self._catching_up: asyncio.Task[None] | None = None

    def waiting(self) -> int:
        """Writes that the store has not taken yet."""
        return len(self._waiting)

    async def accept(self, turn: Turn) -> bool:
        """Fails at once without the store: what is not written is not accepted."""
        return await self._ledger.accept(turn)

    async def unfinished(self) -> list[Turn]:
        """As the store has it."""
        return await self._ledger.unfinished()

    async def speaker_of(self, message_id: int) -> str | None:
        """As the store has it."""
        return await self._ledger.speaker_of(message_id)

    async def session(self, seat: Seat) -> Session | None:
        """As the store has it."""
        return await self._ledger.session(seat)

    async def run(self, turn: Turn) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.run(turn))

    async def record(self, turn: Turn) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.record(turn))

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.chunk(turn, index, message_id))

    async def end(self, turn: Turn) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.end(turn))

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.keep_session(seat, session))

    async def drop_session(self, seat: Seat) -> None:
        """Written now, or when the store is back."""
        await self._write(lambda: self._ledger.drop_session(seat))

    async def _write(self, write: Write) -> None:
        if self._waiting:
            self._waiting.append(write)
            return
        try:
            await write()
        except StoreUnavailableError as error:
            log.warning("the store is away (%s): what runs goes on, its record waits", error)
            self._waiting.append(write)
            if self._catching_up is None or self._catching_up.done():
                self._catching_up = self._tasks.start("catch up", self._catch_up())

    async def _catch_up(self) -> None:
        endless = AsyncRetrying(
            retry=retry_if_exception_type(StoreUnavailableError),
            wait=wait_exponential_jitter(multiplier=0.2, max=10),
        )
        while self._waiting:
            try:
                async for attempt in endless:
                    with attempt:
                        await self._waiting[0]()
            except StoreError as refused:
                # It is there and will not have this one: those behind it still count.
                log.error("a part of the record is lost: %s", refused)  # noqa: TRY400 no trace needed
            self._waiting.popleft()
        log.info("the store is back: the record is complete")
