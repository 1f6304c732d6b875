"""How an outage of the store is outlived. Owns which reads and writes wait for it.

Nothing new starts without the store: `accept` and reads fail at once, also while writes of the same
room wait, since what is read would be older than what happened. What already runs goes on: its
writes wait in `bot.rooms.record.write_queue`, and are repeated until the store takes them (each is
safe to repeat).

A store that crashes may come back without its last writes: with `appendfsync everysec` Redis loses
up to a second of what it had acknowledged. So what was written here lately is remembered: it is
written again once the store is seen to be another process than before (`heal`), and a turn that has
ended is never accepted or taken up anew, whatever the store knows of it.
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

# Ended turns that are remembered, for how many seconds and how many at most. Longer than unfinished
# turns stay unlooked for (a minute), and than a restarted Redis takes to load its data.
ENDED_SECONDS = 600.0
ENDED_LIMIT = 2_000

K = TypeVar("K")
V = TypeVar("V")


async def in_silence(_: int, __: BaseException | None) -> None:
    """A step that nobody waits for: people are told nothing."""


def patiently(
    what: str,
    *,
    stop: StopBaseT,
    tell: Callable[[int, BaseException | None], Awaitable[None]] = in_silence,
    over: tuple[type[Exception], ...] = (StoreError,),
) -> AsyncRetrying:
    """Take a step again for as long as it fails by `over`; in the end that error is raised.

    What the store refuses of one key alone is tried for `REFUSED_SECONDS` at most: it will not
    change its mind. `what` is to be logged; `tell(tries, error)` is awaited after each try, for
    people to know.
    """

    async def wait(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        # Once a step; a full store would fill the log as well, and is logged where it refuses.
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
    """A `Ledger` over another one; see the module's docstring."""

    def __init__(self, ledger: Ledger, tasks: Tasks) -> None:
        self._ledger = ledger
        self._waiting = WriteQueue(tasks)
        self._ended: OrderedDict[str, tuple[float, Turn]] = OrderedDict()
        # Turns that are on record and have not ended, as they were written last.
        self._open: dict[str, Turn] = {}
        # The newest session of each seat, as this process wrote it.
        self._sessions: OrderedDict[Seat, tuple[float, Session]] = OrderedDict()
        # Which process the store was when it was asked last.
        self._run: str | None = None

    def waiting(self) -> int:
        """Writes that the store has not taken yet."""
        return len(self._waiting)

    async def settle(self, timeout: float) -> None:
        """Wait until the record is complete, `timeout` seconds at most."""
        await self._waiting.settle(timeout)

    async def accept(self, turn: Turn) -> bool:
        """Fails at once without the store: what is not written is not accepted.

        A turn that has ended here is not accepted anew, though the store may have lost it.
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
        """Fails at once without the store, as `accept` does."""
        self._waiting.check(turn.room.id)
        if reopened := await self._ledger.reopen(turn):
            self._ended.pop(turn.id, None)
            self._open[turn.id] = turn
        return reopened

    async def load(self) -> None:
        """Note which process the store is, before the first write: a later one may lose writes.

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
        # As they are when they come to be written: some end, and are taken up again, meanwhile.
        for turn_id in tuple(self._open):
            if (turn := self._open.get(turn_id)) is not None:
                await self._waiting.write(
                    turn.room.id, partial(self._write_anew, turn_id), messages=turn.chunks
                )
        # All that are remembered: from a backup, or empty, it comes back without minutes.
        for turn_id in tuple(self._ended):
            _, ended = self._ended.get(turn_id, (0.0, None))
            if ended is not None:
                await self._end(ended)

    async def _process(self) -> str | None:
        """Return the id of the store's process; None where it may not be asked for it."""
        try:
            return await self._ledger.run_id()
        except StoreUnavailableError:
            raise
        except StoreError as error:
            log.debug("the store does not tell which process it is: %s", error)
            return None

    async def unfinished(self) -> list[Turn]:
        """Unfinished turns; the end of one that the store lost is written again instead.

        Rooms whose writes wait are left out: how far their turns are is not on record yet.
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
            self._remember((ended,))  # a store that loses it once more must not have it answered
            await self._end(ended)
        return unfinished

    async def run_id(self) -> str:
        """As the store has it."""
        return await self._ledger.run_id()

    async def turn(self, turn_id: str) -> Turn | None:
        """As the store has it."""
        room_id, _, _ = turn_id.partition(":")
        self._waiting.check(int(room_id) if room_id.isdecimal() else None)
        return await self._ledger.turn(turn_id)

    async def turn_of(self, message_id: int) -> Turn | None:
        """As the store has it."""
        return (await self.turns_of([message_id])).get(message_id)

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """As the store has it."""
        self._waiting.check(messages=message_ids)
        turns = await self._ledger.turns_of(message_ids)
        for turn in turns.values():
            self._waiting.check(turn.room.id)
        return turns

    async def claimed_in(self, message_id: int) -> Turn | None:
        """As the store has it."""
        return await self._ledger.claimed_in(message_id)

    async def speaker_of(self, message_id: int) -> str | None:
        """As the store has it."""
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
        """Written now, or when the store is back."""
        self._open[turn.id] = turn
        await self._waiting.write(turn.room.id, lambda: self._ledger.run(turn))

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Written now, or when the store is back."""
        self._remember(joined)
        self._note(turn.seat, session)
        self._open[turn.id] = turn
        await self._waiting.write(
            turn.room.id,
            lambda: self._ledger.record(turn, session=session, joined=joined),
            messages=turn.chunks,
        )

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Written now, or when the store is back."""
        await self._waiting.write(
            turn.room.id,
            lambda: self._ledger.chunk(turn, index, message_id),
            messages=(message_id,),
        )

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Written now, or when the store is back."""
        self._remember((turn, *joined))
        self._note(turn.seat, session)
        await self._end(turn, session, joined)

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Written now, or when the store is back."""
        self._note(seat, session)
        await self._waiting.write(seat.room_id, lambda: self._ledger.keep_session(seat, session))

    async def mend(self, seat: Seat, session: Session) -> None:
        """Written now, or when the store is back."""
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
        """Written now, or when the store is back."""
        await self._waiting.write(
            room_id, lambda: self._ledger.cut(room_id, order, asked=asked, spared=spared)
        )

    async def drop_session(self, seat: Seat) -> None:
        """Written now, or when the store is back."""
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
        """Whatever is on record of a turn that has not ended: nothing, all of it, or its answer."""
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
