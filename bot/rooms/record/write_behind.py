"""A write-behind ledger for outages of the store. Owns which reads and writes wait.

No new turn starts without the store: `accept` and reads fail at once, also while writes of the same
room wait, since the store's record would be out of date. Running turns go on: their writes wait in
`bot.rooms.record.write_queue`, and are retried until the store takes them (all are idempotent).

A store that crashes may come back without its last writes: with `appendfsync everysec` Redis loses
up to a second of acknowledged writes. So this ledger remembers recent writes and repeats them once
the store turns out to be a new process (`heal`). A turn that has ended is never accepted or resumed
again, whatever the store's record says.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn
from bot.errors import StoreError, StoreUnavailableError
from bot.rooms.ports.ledger import Ledger
from bot.rooms.record.write_queue import WriteQueue
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Seconds for which writes are remembered, and their number at most. Longer than the interval of the
# search for unfinished turns (a minute), and than a restarted Redis takes to load its data.
REMEMBERED_SECONDS = 600.0
REMEMBERED_LIMIT = 2_000

K = TypeVar("K")
V = TypeVar("V")


class WriteBehindLedger:
    """A `Ledger` that wraps the store's; see the module's docstring."""

    def __init__(self, ledger: Ledger, tasks: Tasks) -> None:
        self._ledger = ledger
        self._waiting = WriteQueue(tasks)
        # Turns that have ended in this process, as last written.
        self._ended = _Remembered[str, Turn]()
        # Turns on record that have not ended, as last written.
        self._open: dict[str, Turn] = {}
        # The newest session of each seat, as this process wrote it.
        self._sessions = _Remembered[Seat, Session]()
        # Id of the store's process when it was last asked.
        self._store_process: str | None = None

    def waiting(self) -> int:
        """Return the number of writes that the store has not taken yet."""
        return len(self._waiting)

    async def settle(self, timeout: float) -> None:
        """Wait until the store has taken all writes, for `timeout` seconds at most."""
        await self._waiting.settle(timeout)

    async def accept(self, turn: Turn) -> bool:
        """Accept a turn; fail at once without the store, since only recorded turns are accepted.

        False for a turn that has ended in this process, even if the store has lost it.
        """
        self._waiting.check(turn.room.id)
        if (ended := self._ended.get(turn.id)) is not None:
            await self._end(ended)
            return False
        if accepted := await self._ledger.accept(turn):
            self._open[turn.id] = turn
        return accepted

    async def reopen(self, turn: Turn) -> bool:
        """Reopen a turn; fail at once without the store, as `accept` does."""
        self._waiting.check(turn.room.id)
        if reopened := await self._ledger.reopen(turn):
            self._ended.drop(turn.id)
            self._open[turn.id] = turn
        return reopened

    async def load(self) -> None:
        """Note the store's process before the first write: a later process may lack writes.

        Raises `StoreUnavailableError`.
        """
        self._store_process = await self._process()

    async def heal(self) -> None:
        """Write again what a restarted store may have lost; for a periodic task.

        Raises `StoreUnavailableError`.
        """
        if (process := await self._process()) is None:
            return
        before, self._store_process = self._store_process, process
        if before in (None, process):
            return
        log.warning("the store was restarted: writing again what it may have lost")
        # Each turn is read when it is written: some turns end, or are resumed, meanwhile.
        for turn_id in tuple(self._open):
            if (turn := self._open.get(turn_id)) is not None:
                await self._waiting.write(
                    turn.room.id, partial(self._write_anew, turn_id), messages=turn.chunks
                )
        # All remembered turns: a store restored from a backup, or empty, lacks minutes of writes.
        for turn_id in self._ended.known():
            if (ended := self._ended.get(turn_id)) is not None:
                await self._end(ended)

    async def _process(self) -> str | None:
        """Return the id of the store's process; None if the store refuses to tell."""
        try:
            return await self._ledger.run_id()
        except StoreUnavailableError:
            raise
        except StoreError as error:
            log.debug("the store does not tell which process it is: %s", error)
            return None

    async def unfinished(self) -> list[Turn]:
        """Return unfinished turns. If the store lost a turn's end, write the end again instead.

        Rooms whose writes wait are left out: the record of their turns is out of date.
        """
        self._waiting.check()
        unfinished = list[Turn]()
        for turn in await self._ledger.unfinished():
            if self._waiting.holds(turn.room.id):
                continue
            if (ended := self._ended.get(turn.id)) is None:
                unfinished.append(turn)
                continue
            log.warning("the store has lost the end of turn %s: it is written again", turn.id)
            self._remember((ended,))  # the store may lose it again, and it must not run again
            await self._end(ended)
        return unfinished

    async def run_id(self) -> str:
        """Return the id of the store's process."""
        return await self._ledger.run_id()

    async def turn(self, turn_id: str) -> Turn | None:
        """Return what the store has on record."""
        room_id, _, _ = turn_id.partition(":")
        self._waiting.check(int(room_id) if room_id.isdecimal() else None)
        return await self._ledger.turn(turn_id)

    async def turn_of(self, message_id: int) -> Turn | None:
        """Return what the store has on record."""
        return (await self.turns_of([message_id])).get(message_id)

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """Return what the store has on record."""
        self._waiting.check(messages=message_ids)
        turns = await self._ledger.turns_of(message_ids)
        for turn in turns.values():
            self._waiting.check(turn.room.id)
        return turns

    async def claimed_in(self, message_id: int) -> Turn | None:
        """Return what the store has on record."""
        return await self._ledger.claimed_in(message_id)

    async def speaker_of(self, message_id: int) -> str | None:
        """Return what the store has on record."""
        return await self._ledger.speaker_of(message_id)

    async def session(self, seat: Seat) -> Session | None:
        """Return the seat's newest session; write it again if the store has lost it.

        Only this process writes sessions: an older one would tell a Codex thread again what it has
        seen, and have it answered twice.
        """
        self._waiting.check(seat.room_id)
        stored = await self._ledger.session(seat)
        newest = self._sessions.get(seat)
        if newest is None or (stored is not None and replace(stored, cut=newest.cut) == newest):
            return stored
        log.warning("the store has lost the newest session of %s: writing it again", seat)
        await self.keep_session(seat, newest)
        cuts = [session.cut for session in (stored, newest) if session is not None and session.cut]
        return replace(newest, cut=min(cuts, default=0))

    async def run(self, turn: Turn) -> None:
        """Write now, or when the store is back."""
        self._open[turn.id] = turn
        await self._waiting.write(turn.room.id, lambda: self._ledger.run(turn))

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write now, or when the store is back."""
        self._remember(joined)
        self._note(turn.seat, session)
        self._open[turn.id] = turn
        await self._waiting.write(
            turn.room.id,
            lambda: self._ledger.record(turn, session=session, joined=joined),
            messages=turn.chunks,
        )

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Write now, or when the store is back."""
        await self._waiting.write(
            turn.room.id,
            lambda: self._ledger.chunk(turn, index, message_id),
            messages=(message_id,),
        )

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write now, or when the store is back."""
        self._remember((turn, *joined))
        self._note(turn.seat, session)
        await self._end(turn, session, joined)

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write now, or when the store is back."""
        self._note(seat, session)
        await self._waiting.write(seat.room_id, lambda: self._ledger.keep_session(seat, session))

    async def mend(self, seat: Seat, session: Session) -> None:
        """Write now, or when the store is back."""
        self._sessions.drop(seat)
        await self._waiting.write(seat.room_id, lambda: self._ledger.mend(seat, session))

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        """Write now, or when the store is back."""
        await self._waiting.write(
            room_id, lambda: self._ledger.cut(room_id, order, asked=asked, spared=spared)
        )

    async def drop_session(self, seat: Seat) -> None:
        """Write now, or when the store is back."""
        self._sessions.drop(seat)
        await self._waiting.write(seat.room_id, lambda: self._ledger.drop_session(seat))

    async def _end(
        self, turn: Turn, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        await self._waiting.write(
            turn.room.id,
            lambda: self._ledger.end(turn, session=session, joined=joined),
            messages=turn.chunks,
        )

    async def _write_anew(self, turn_id: str) -> None:
        """Write a turn that has not ended, whatever the store still has of its record."""
        turn = self._open.get(turn_id)
        if turn is None:
            return
        if turn.order:
            await self._ledger.reopen(turn)
        await (self._ledger.run if turn.to_think else self._ledger.record)(turn)

    def _note(self, seat: Seat, session: Session | None) -> None:
        if session is not None:
            self._sessions.put(seat, session)

    def _remember(self, ended: Sequence[Turn]) -> None:
        for turn in ended:
            self._open.pop(turn.id, None)
            self._ended.put(turn.id, turn)


class _Remembered(Generic[K, V]):
    """The newest values, for `REMEMBERED_SECONDS` and at most `REMEMBERED_LIMIT` of them."""

    def __init__(self) -> None:
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remember the value from now on, and drop values that are too old or too many."""
        now = time.monotonic()
        self._values[key] = now, value
        self._values.move_to_end(key)
        while self._values:
            oldest, (at, _) = next(iter(self._values.items()))
            if len(self._values) <= REMEMBERED_LIMIT and now - at < REMEMBERED_SECONDS:
                return
            del self._values[oldest]

    def get(self, key: K) -> V | None:
        """Return the value; None if there is none."""
        _, value = self._values.get(key, (0.0, None))
        return value

    def drop(self, key: K) -> None:
        """Forget the value, if there is one."""
        self._values.pop(key, None)

    def known(self) -> tuple[K, ...]:
        """Return the keys, oldest first."""
        return tuple(self._values)
