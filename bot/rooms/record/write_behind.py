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
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential_jitter,
)
from tenacity.stop import StopBaseT

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn
from bot.errors import StoreError, StoreRefusingError, StoreUnavailableError
from bot.rooms.ports.ledger import Ledger
from bot.rooms.record.write_queue import AGAIN_WITHIN, FOR_ALL, REFUSED_SECONDS, WriteQueue
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Seconds for which ended turns are remembered, and their number at most. Longer than the interval
# of the search for unfinished turns (a minute), and than a restarted Redis takes to load its data.
ENDED_SECONDS = 600.0
ENDED_LIMIT = 2_000

K = TypeVar("K")
V = TypeVar("V")


async def in_silence(_: int, __: BaseException | None) -> None:
    """Tell people nothing, because nobody waits for the step."""


def patiently(
    what: str,
    *,
    stop: StopBaseT,
    tell: Callable[[int, BaseException | None], Awaitable[None]] = in_silence,
    over: tuple[type[Exception], ...] = (StoreError,),
) -> AsyncRetrying:
    """Return a retry policy for errors of the types `over`; the last error is raised.

    A write that the store refuses for its key alone is retried for `REFUSED_SECONDS` at most, since
    the store would refuse it for ever. `what` is logged; `tell(tries, error)` is awaited after each
    failure, so that people can be told.
    """

    async def wait(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        # Only the first failure is a warning. A full store is logged where it refuses.
        is_news = state.attempt_number == 1 and not isinstance(error, StoreRefusingError)
        log.log(logging.WARNING if is_news else logging.DEBUG, "%s: %s", what, error)
        await tell(state.attempt_number, error)

    return AsyncRetrying(
        retry=retry_if_exception_type(over),
        wait=wait_exponential_jitter(multiplier=0.1, max=AGAIN_WITHIN, jitter=0.1),
        stop=lambda state: stop(state) or _is_refused_for_good(state),
        before_sleep=wait,
        reraise=True,
    )


def _is_refused_for_good(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    of_one_key = isinstance(error, StoreError) and not isinstance(error, FOR_ALL)
    return of_one_key and (state.seconds_since_start or 0.0) >= REFUSED_SECONDS


class WriteBehindLedger:
    """A `Ledger` that wraps the store's; see the module's docstring."""

    def __init__(self, ledger: Ledger, tasks: Tasks) -> None:
        self._ledger = ledger
        self._waiting = WriteQueue(tasks)
        self._ended: OrderedDict[str, tuple[float, Turn]] = OrderedDict()
        # Turns on record that have not ended, as last written.
        self._open: dict[str, Turn] = {}
        # The newest session of each seat, as this process wrote it.
        self._sessions: OrderedDict[Seat, tuple[float, Session]] = OrderedDict()
        # Id of the store's process when it was last asked.
        self._run: str | None = None

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
        _, ended = self._ended.get(turn.id, (0.0, None))
        if ended is not None:
            await self._end(ended)
            return False
        if accepted := await self._ledger.accept(turn):
            self._open[turn.id] = turn
        return accepted

    async def reopen(self, turn: Turn) -> bool:
        """Reopen a turn; fail at once without the store, as `accept` does."""
        self._waiting.check(turn.room.id)
        if reopened := await self._ledger.reopen(turn):
            self._ended.pop(turn.id, None)
            self._open[turn.id] = turn
        return reopened

    async def load(self) -> None:
        """Note the store's process before the first write: a later process may lack writes.

        Raises `StoreUnavailableError`.
        """
        self._run = await self._process()

    async def heal(self) -> None:
        """Write again what a restarted store may have lost; for a periodic task.

        Raises `StoreUnavailableError`.
        """
        if (run := await self._process()) is None:
            return
        before, self._run = self._run, run
        if before in (None, run):
            return
        log.warning("the store was restarted: writing again what it may have lost")
        # Each turn is read when it is written: some turns end, or are resumed, meanwhile.
        for turn_id in tuple(self._open):
            if (turn := self._open.get(turn_id)) is not None:
                await self._waiting.write(
                    turn.room.id, partial(self._write_anew, turn_id), messages=turn.chunks
                )
        # All remembered turns: a store restored from a backup, or empty, lacks minutes of writes.
        for turn_id in tuple(self._ended):
            _, ended = self._ended.get(turn_id, (0.0, None))
            if ended is not None:
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
            _, ended = self._ended.get(turn.id, (0.0, None))
            if ended is None:
                unfinished.append(turn)
                continue
            log.warning("the store has lost the end of turn %s: it is written again", turn.id)
            self._remember((ended,))  # the store may lose it again, and it must not run again
            await self._end(ended)
        return unfinished

    async def run_id(self) -> str:
        """Return what the store has on record."""
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
        _, newest = self._sessions.get(seat, (0.0, None))
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
        self._sessions.pop(seat, None)
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
        self._sessions.pop(seat, None)
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
        """Remember the seat's newest session for `ENDED_SECONDS`."""
        if session is not None:
            self._sessions[seat] = (time.monotonic(), session)
            self._sessions.move_to_end(seat)
        _forget_old(self._sessions)

    def _remember(self, ended: Sequence[Turn]) -> None:
        now = time.monotonic()
        for turn in ended:
            self._open.pop(turn.id, None)
            self._ended[turn.id] = (now, turn)
            self._ended.move_to_end(turn.id)
        _forget_old(self._ended)


def _forget_old(remembered: OrderedDict[K, tuple[float, V]]) -> None:
    """Drop what is older than `ENDED_SECONDS` or exceeds `ENDED_LIMIT`, oldest first."""
    now = time.monotonic()
    while remembered:
        oldest, (at, _) = next(iter(remembered.items()))
        if len(remembered) <= ENDED_LIMIT and now - at < ENDED_SECONDS:
            return
        del remembered[oldest]
