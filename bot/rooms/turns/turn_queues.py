"""The seats' turns: serial for each seat, and what waits together is answered together.

Owns which turns this process has in hand, from their acceptance to their end: what is in hand is
never taken up a second time, and whatever happens it is let go in the end.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace

from bot.domain.character import Character
from bot.domain.decision import ASKED
from bot.domain.end_notes import EndNote
from bot.domain.room import Room, Seat
from bot.domain.turn import Turn, TurnState
from bot.errors import StoreError
from bot.rooms.ports.ledger import Ledger
from bot.rooms.state.casting import Casting
from bot.rooms.state.in_hand import TurnsInHand
from bot.rooms.state.inbox import Inbox
from bot.rooms.state.policies import Policies
from bot.rooms.turns.turn_runner import TurnRunner
from bot.rooms.turns.turn_slots import Floor, TurnSlots
from bot.rooms.turns.waiting_marks import WaitingMarks
from bot.tasks import Tasks

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Queue:
    """A seat's turns that wait, and the floor of the one that is played.

    `later` are those whose turn has not come: somebody who was named before them speaks first.
    `alone` wait too, but nothing is asked together with them.
    `users` is how many turns have the floor or wait for it.
    """

    floor: Floor = field(default_factory=Floor)
    users: int = 0
    pending: list[Turn] = field(default_factory=list)
    later: list[Turn] = field(default_factory=list)
    alone: list[Turn] = field(default_factory=list)

    def end(self) -> int | None:
        """The message at which a question ends now: its own turn has not come. None: nowhere."""
        return min((turn.trigger for turn in self.later), default=None)

    def next(self) -> Turn:
        """The half turn of an earlier process first: its thread still holds the question.

        Then the oldest that another process left: whatever was shown for any of them comes after
        it, and is found.
        """
        begun = [turn for turn in self.pending if turn.codex_turn_id is not None]
        left = [turn for turn in self.pending if turn.state is TurnState.RUNNING]
        if begun or left:
            return min(begun or left, key=_trigger)
        return max(self._free() or self.pending, key=_trigger)

    def take(self, asked: int) -> list[Turn]:
        """What is asked together with message `asked`: what waits, as far as a question goes.

        One whose turn has not come is older than that only if nothing else could be asked.
        """
        due = [turn for turn in self.later if turn.trigger < asked]
        self.later = [turn for turn in self.later if turn not in due]
        free = self._free()
        self.pending = [turn for turn in self.pending if turn not in free]
        return due + free

    def drop(self, whose: Callable[[Turn], bool]) -> list[Turn]:
        """Take out what waits to be said by whoever is meant: it is not said any more."""
        gone = [turn for turn in self.pending + self.later + self.alone if whose(turn)]
        for waiting in (self.pending, self.later, self.alone):
            waiting[:] = [turn for turn in waiting if turn not in gone]
        return gone

    def take_told(self, messages: Collection[int]) -> list[Turn]:
        """What was added to a question that runs, by these messages."""
        told = [turn for turn in self.pending if turn.trigger in messages]
        self.pending = [turn for turn in self.pending if turn not in told]
        return told

    def others_wait(self, asker: int) -> bool:
        """Whether anybody but `asker` waits here: additions would keep them waiting."""
        return any(turn.asker != asker for turn in self.pending)

    def _free(self) -> list[Turn]:
        end = self.end()
        return [turn for turn in self.pending if end is None or turn.trigger < end]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a turn goes through before it is played."""

    slots: TurnSlots
    """How many turns of a person and of a server run at once."""
    marks: WaitingMarks
    """The sign under the message of a person who waits behind another's answer."""


class TurnQueues:
    """Accepts turns, plays them, and lets them go."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        turn_runner: TurnRunner,
        casting: Casting,
        policies: Policies,
        inbox: Inbox,
        in_hand: TurnsInHand,
        waiting: Waiting,
        tasks: Tasks,
    ) -> None:
        self._ledger = ledger
        self._turn_runner = turn_runner
        self._casting = casting
        self._policies = policies
        self._inbox = inbox
        self._in_hand = in_hand
        self._slots, self._marks = waiting.slots, waiting.marks
        self._tasks = tasks
        self._queues: dict[Seat, _Queue] = {}
        # Of those in hand: being played right now, the joined ones included.
        self._taken_up: set[str] = set()

    @property
    def in_hand(self) -> frozenset[str]:
        """Ids of the turns that this process has accepted and not ended."""
        return self._in_hand.ids

    def listening(self, room: Room, person: int) -> str | None:
        """Whom this person asked there last, of the characters that have not begun to answer."""
        waiting = self._turn_runner.unbegun(room)
        for seat, queue in self._queues.items():
            if seat.room_id == room.id:
                waiting += queue.pending
        asked = [turn for turn in waiting if turn.asker == person and _takes_more(turn)]
        return max(asked, key=_trigger).character if asked else None

    async def accept(self, turn: Turn) -> bool:
        """Write a turn down; False when it was taken before. Raises `StoreError`.

        It is in hand from here on: it has to be given to `play`.
        """
        return await self._take(turn, self._write_down)

    async def reopen(self, turn: Turn) -> bool:
        """Write down that an answered turn goes on: `turn.again(…)`, `turn.edited(…)` and the like.

        False when it is being played right now, or is no answered turn. Raises `StoreError`.
        As `accept`: it has to be given to `play`.
        """
        return await self._take(turn, self._ledger.reopen)

    def play(self, turns: Sequence[Turn]) -> None:
        """Play accepted turns one after the other: who is named second hears the first."""
        if turns:
            first, *others = turns
            # At once: what is asked meanwhile may already hold this message.
            self._wait_in(self._queue(first.seat), first)
            for turn in others:
                self._queue(turn.seat).later.append(turn)
            self._tasks.start(f"round {turns[0].trigger}", self._round(turns))

    async def let_go(self, whose: Callable[[Turn], bool]) -> None:
        """End what waits for those seats, and is not begun. A reply that a person reworded or took
        back is still changed. What cannot be written down now ends when it is taken up.
        """

        def is_meant(turn: Turn) -> bool:
            return whose(turn) and (turn.to_think or not turn.order)

        for queue in list(self._queues.values()):
            for turn in queue.drop(is_meant):
                self._in_hand.drop((turn.id,))
                try:
                    await self._end_unplayed(turn, EndNote.SENT_AWAY)
                except StoreError as error:
                    log.warning(
                        "a dropped turn could not be ended, and ends when it is taken up: %s", error
                    )

    def take_up(self, turns: Iterable[Turn]) -> None:
        """Play turns that were left unfinished: seat by seat, each seat's together."""
        seats: dict[Seat, list[Turn]] = defaultdict(list)
        for turn in (one for one in turns if one.id not in self._in_hand):
            self._in_hand.add(turn.id)
            self._marks.left_by_another(turn)
            seats[turn.seat].append(_as_begun(turn))
        for seat, left in seats.items():
            for turn in left:
                self._wait_in(self._queue(seat), turn)
            self._tasks.start(f"take up {seat}", self._round(left))

    async def _write_down(self, turn: Turn) -> bool:
        if await self._ledger.accept(turn):
            return True
        # A try whose answer was lost had arrived: then this very turn stands there.
        return await self._ledger.turn(turn.id) == turn

    async def _take(self, turn: Turn, write: Callable[[Turn], Awaitable[bool]]) -> bool:
        if turn.id in self._in_hand:
            return False
        self._in_hand.add(turn.id)
        taken = False
        try:
            taken = await write(turn)
        finally:
            if not taken:
                self._in_hand.drop((turn.id,))
        return taken

    async def _round(self, turns: Sequence[Turn]) -> None:
        try:
            for turn in turns:
                self._has_come(turn)
                await self._speak(turn)
        finally:
            for turn in turns:
                self._has_come(turn)
            self._let_go(turns)
            self._marks.are_over(turns)

    def _has_come(self, turn: Turn) -> None:
        queue = self._queues.get(turn.seat)
        if queue is not None and turn in queue.later:
            queue.later.remove(turn)

    async def _speak(self, turn: Turn) -> None:
        if turn.id not in self._in_hand or turn.id in self._taken_up:
            return  # answered already, or right now, together with another one
        queue, alone = self._queue(turn.seat), _is_alone(turn)
        self._wait_in(queue, turn)
        queue.users += 1
        try:
            if not alone and queue.floor.is_taken() and not queue.others_wait(turn.asker):
                await self._turn_runner.steer(turn)
            async with self._mark(turn, queue), queue.floor.hold(lambda: self._slot(turn)):
                if turn in queue.alone:
                    queue.alone.remove(turn)
                    await self._perform(turn, queue)
                while turn in queue.pending:  # until then it may be answered with another
                    await self._perform(queue.next(), queue)
        finally:
            for waiting in (queue.pending, queue.alone):
                if turn in waiting:
                    waiting.remove(turn)
            queue.users -= 1
            # Who comes next must find the floor of those who wait: two would not keep them apart.
            if not (queue.users or queue.pending or queue.later or queue.alone):
                self._queues.pop(turn.seat, None)

    def _mark(self, turn: Turn, queue: _Queue) -> AbstractAsyncContextManager[None]:
        """Show the person that the turn waits, and take the sign away once it runs."""
        if not _takes_more(turn):
            return nullcontext()
        return self._marks.under(turn, lambda: turn in queue.pending)

    def _slot(self, turn: Turn) -> AbstractAsyncContextManager[None]:
        """A slot for the turn's person and server; one whose text is on record needs no slot."""
        if not turn.to_think:
            return nullcontext()
        return self._slots.hold(turn.asker, turn.room.guild_id)

    async def _perform(self, turn: Turn, queue: _Queue) -> None:
        """Play it, unless nobody can or may any more."""
        if turn in queue.pending:
            queue.pending.remove(turn)
        character = self._player(turn)
        if character is None:
            await self._end_unplayed(turn, EndNote.SENT_AWAY)
        elif turn.text is None and self._policies.is_paused(turn.room):
            # Accepted before the pause: nobody waits for it any more.
            await self._end_unplayed(turn, EndNote.PAUSED)
        else:
            await self._put_on(turn, character, queue)

    async def _end_unplayed(self, turn: Turn, note: str) -> None:
        """Nobody plays it. What was said before stands, where it was to be changed."""
        state = TurnState.DONE if turn.order else TurnState.CLOSED
        before = turn.put_back() if turn.is_regeneration else turn
        await self._ledger.end(replace(before, state=state, note=note))

    def _player(self, turn: Turn) -> Character | None:
        """Who plays it. Once a character has left the room, people may still change what it said,
        but have it say nothing else.
        """
        here = self._casting.present(turn.room, turn.character)
        is_changed = bool(turn.order) and not turn.to_think
        return self._casting.known(turn.character) if here is None and is_changed else here

    async def _put_on(self, turn: Turn, character: Character, queue: _Queue) -> None:
        taken_up = {turn.id}
        self._taken_up |= taken_up

        def join(told: Collection[int] | None = None) -> list[Turn]:
            """What waits is asked together with `turn`, and so ended with it."""
            turns = queue.take(turn.trigger) if told is None else queue.take_told(told)
            taken_up.update(other.id for other in turns)
            self._taken_up |= taken_up
            return turns

        def ends_before() -> int | None:
            """Where the question ends: what comes then has a turn of its own, or may get one."""
            ends = (queue.end(), self._inbox.undecided(turn.room))
            return min((end for end in ends if end is not None), default=None)

        try:
            await self._turn_runner.run(turn, character, join=join, ends_before=ends_before)
        finally:
            self._taken_up -= taken_up
            self._in_hand.drop(taken_up)

    def _wait_in(self, queue: _Queue, turn: Turn) -> None:
        waiting = queue.alone if _is_alone(turn) else queue.pending
        if turn not in waiting:
            waiting.append(turn)

    def _queue(self, seat: Seat) -> _Queue:
        return self._queues.setdefault(seat, _Queue())

    def _let_go(self, turns: Iterable[Turn]) -> None:
        # What is asked together with another turn is let go with that one.
        self._in_hand.drop({turn.id for turn in turns} - self._taken_up)


def _is_alone(turn: Turn) -> bool:
    """It has its words already, or is thought once more: nothing is asked together with it."""
    return not turn.to_think or turn.is_regeneration


def _takes_more(turn: Turn) -> bool:
    """A person asked it in words of their own, which may go on: no character, no menu."""
    by_person = turn.reason in ASKED and not turn.detail
    return by_person and not turn.is_regeneration


def _as_begun(turn: Turn) -> Turn:
    """What is accepted may have been shown as well: a process dies while its record waits."""
    accepted = turn.state is TurnState.ACCEPTED
    return replace(turn, state=TurnState.RUNNING) if accepted else turn


def _trigger(turn: Turn) -> int:
    return turn.trigger
