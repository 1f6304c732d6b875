"""Turn queues: a seat's turns run one at a time, and waiting turns are answered together.

Owns which turns this process has in hand, from their acceptance to their end. A turn in hand is
never resumed a second time, and is released in the end whatever happens.
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
    """A seat's waiting turns, and the lock of the running turn."""

    floor: Floor = field(default_factory=Floor)
    users: int = 0
    """Number of turns that hold the lock or wait for it."""
    pending: list[Turn] = field(default_factory=list)
    """Turns that may run now, alone or joined."""
    later: list[Turn] = field(default_factory=list)
    """Turns that may not run yet: a character that was named before theirs speaks first."""
    alone: list[Turn] = field(default_factory=list)
    """Turns that may run now, but that no other turn joins."""

    def end(self) -> int | None:
        """Return the message before which a prompt must end for `later`; None if it need not."""
        return min((turn.trigger for turn in self.later), default=None)

    def next(self) -> Turn:
        """Return the turn to run next.

        First a turn whose question an earlier process left in the Codex thread. Then the oldest
        turn that another process left: messages shown for any of those turns come after its
        trigger, and are found.
        """
        begun = [turn for turn in self.pending if turn.codex_turn_id is not None]
        left = [turn for turn in self.pending if turn.state is TurnState.RUNNING]
        if begun or left:
            return min(begun or left, key=_trigger)
        return max(self._free() or self.pending, key=_trigger)

    def take(self, asked: int) -> list[Turn]:
        """Take out the turns that the prompt for message `asked` answers too, as far as it goes.

        A turn in `later` can be older than `asked` only if `pending` had no other turn to ask.
        """
        due = [turn for turn in self.later if turn.trigger < asked]
        self.later = [turn for turn in self.later if turn not in due]
        free = self._free()
        self.pending = [turn for turn in self.pending if turn not in free]
        return due + free

    def drop(self, whose: Callable[[Turn], bool]) -> list[Turn]:
        """Take out the waiting turns that `whose` chooses, and return them."""
        gone = [turn for turn in self.pending + self.later + self.alone if whose(turn)]
        for waiting in (self.pending, self.later, self.alone):
            waiting[:] = [turn for turn in waiting if turn not in gone]
        return gone

    def take_told(self, messages: Collection[int]) -> list[Turn]:
        """Take out the turns whose messages were added to a running prompt."""
        told = [turn for turn in self.pending if turn.trigger in messages]
        self.pending = [turn for turn in self.pending if turn not in told]
        return told

    def others_wait(self, asker: int) -> bool:
        """Return whether other people wait, whom additions to the prompt would keep waiting."""
        return any(turn.asker != asker for turn in self.pending)

    def _free(self) -> list[Turn]:
        end = self.end()
        return [turn for turn in self.pending if end is None or turn.trigger < end]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The parts that deal with waiting turns."""

    slots: TurnSlots
    """Limits how many turns of a person and of a server run at once."""
    marks: WaitingMarks
    """Marks the message of a person who waits behind another's answer."""


class TurnQueues:
    """Accepts turns, runs them seat by seat, and releases them at their end."""

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
        # Ids of the turns in hand that run now, joined turns included.
        self._running: set[str] = set()

    @property
    def in_hand(self) -> frozenset[str]:
        """Ids of the turns that this process has accepted and not ended."""
        return self._in_hand.ids

    def listening(self, room: Room, person: int) -> str | None:
        """Return the character that the person asked last and that has shown no word yet."""
        waiting = self._turn_runner.unbegun(room)
        for seat, queue in self._queues.items():
            if seat.room_id == room.id:
                waiting += queue.pending
        asked = [turn for turn in waiting if turn.asker == person and _takes_more(turn)]
        return max(asked, key=_trigger).character if asked else None

    async def accept(self, turn: Turn) -> bool:
        """Record a new turn; False if it was accepted before. Raises `StoreError`.

        An accepted turn is in hand, and has to be passed to `play`.
        """
        return await self._take(turn, self._record)

    async def reopen(self, turn: Turn) -> bool:
        """Record that an answered turn is reopened: `turn.again(…)`, `turn.edited(…)` and the like.

        False if the turn runs right now or is not an answered turn. Raises `StoreError`. As with
        `accept`, the turn has to be passed to `play`.
        """
        return await self._take(turn, self._ledger.reopen)

    def play(self, turns: Sequence[Turn]) -> None:
        """Run accepted turns in order: the character named second sees the first answer."""
        if turns:
            first, *others = turns
            # Before any await: a prompt that is built meanwhile may already hold this message.
            self._wait_in(self._queue(first.seat), first)
            for turn in others:
                self._queue(turn.seat).later.append(turn)
            self._tasks.start(f"round {turns[0].trigger}", self._round(turns))

    async def let_go(self, whose: Callable[[Turn], bool]) -> None:
        """End the waiting turns that `whose` chooses.

        Replies that a person edited or deleted are still changed. A turn whose end cannot be
        recorded now ends when it is resumed.
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
                        "a dropped turn could not be ended, and ends when it is resumed: %s", error
                    )

    def take_up(self, turns: Iterable[Turn]) -> None:
        """Resume unfinished turns, seat by seat; the turns of a seat are answered together."""
        seats: dict[Seat, list[Turn]] = defaultdict(list)
        for turn in turns:
            if turn.id in self._in_hand:
                continue
            self._in_hand.add(turn.id)
            self._marks.left_by_another(turn)
            seats[turn.seat].append(_as_begun(turn))
        for seat, left in seats.items():
            for turn in left:
                self._wait_in(self._queue(seat), turn)
            self._tasks.start(f"take up {seat}", self._round(left))

    async def _record(self, turn: Turn) -> bool:
        if await self._ledger.accept(turn):
            return True
        # The store may have taken an earlier try whose reply was lost: then it has this very turn.
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
                self._come_due(turn)
                await self._speak(turn)
        finally:
            for turn in turns:
                self._come_due(turn)
            self._let_go(turns)
            self._marks.are_over(turns)

    def _come_due(self, turn: Turn) -> None:
        queue = self._queues.get(turn.seat)
        if queue is not None and turn in queue.later:
            queue.later.remove(turn)

    async def _speak(self, turn: Turn) -> None:
        if turn.id not in self._in_hand or turn.id in self._running:
            return  # answered together with another turn, already or right now
        queue, alone = self._queue(turn.seat), _is_alone(turn)
        self._wait_in(queue, turn)
        queue.users += 1
        try:
            if not alone and queue.floor.is_taken() and not queue.others_wait(turn.asker):
                await self._turn_runner.steer(turn)
            async with self._mark(turn, queue), queue.floor.hold(lambda: self._slot(turn)):
                if turn in queue.alone:
                    queue.alone.remove(turn)
                    await self._run_next(turn, queue)
                while turn in queue.pending:  # another turn may answer it first
                    await self._run_next(queue.next(), queue)
        finally:
            for waiting in (queue.pending, queue.alone):
                if turn in waiting:
                    waiting.remove(turn)
            queue.users -= 1
            # All turns of a seat must share one lock, so the queue stays while any turn uses it.
            if not (queue.users or queue.pending or queue.later or queue.alone):
                self._queues.pop(turn.seat, None)

    def _mark(self, turn: Turn, queue: _Queue) -> AbstractAsyncContextManager[None]:
        """Mark the person's message while the turn waits, and remove the mark once it runs."""
        if not _takes_more(turn):
            return nullcontext()
        return self._marks.under(turn, lambda: turn in queue.pending)

    def _slot(self, turn: Turn) -> AbstractAsyncContextManager[None]:
        """Return a slot for the turn's person and server; a recorded text needs no slot."""
        if not turn.to_think:
            return nullcontext()
        return self._slots.hold(turn.asker, turn.room.guild_id)

    async def _run_next(self, turn: Turn, queue: _Queue) -> None:
        """Run the turn, or end it if the character has left or the room is paused."""
        if turn in queue.pending:
            queue.pending.remove(turn)
        character = self._player(turn)
        if character is None:
            await self._end_unplayed(turn, EndNote.SENT_AWAY)
        elif turn.text is None and self._policies.is_paused(turn.room):
            # Accepted before the pause: nobody waits for the answer any more.
            await self._end_unplayed(turn, EndNote.PAUSED)
        else:
            await self._run(turn, character, queue)

    async def _end_unplayed(self, turn: Turn, note: str) -> None:
        """End a turn without running it. An earlier answer that it was to replace stands."""
        state = TurnState.DONE if turn.order else TurnState.CLOSED
        before = turn.put_back() if turn.is_regeneration else turn
        await self._ledger.end(replace(before, state=state, note=note))

    def _player(self, turn: Turn) -> Character | None:
        """Return the turn's character; None if it may not speak in the room any more.

        After a character has left, people may still edit or delete its answers.
        """
        here = self._casting.present(turn.room, turn.character)
        is_changed = bool(turn.order) and not turn.to_think
        return self._casting.known(turn.character) if here is None and is_changed else here

    async def _run(self, turn: Turn, character: Character, queue: _Queue) -> None:
        running = {turn.id}
        self._running |= running

        def join(told: Collection[int] | None = None) -> list[Turn]:
            """Take the waiting turns that are answered, and end, together with `turn`."""
            turns = queue.take(turn.trigger) if told is None else queue.take_told(told)
            running.update(other.id for other in turns)
            self._running |= running
            return turns

        def ends_before() -> int | None:
            """Return the first message that has, or may get, a turn of its own; None if none."""
            ends = (queue.end(), self._inbox.undecided(turn.room))
            return min((end for end in ends if end is not None), default=None)

        try:
            await self._turn_runner.run(turn, character, join=join, ends_before=ends_before)
        finally:
            self._running -= running
            self._in_hand.drop(running)

    def _wait_in(self, queue: _Queue, turn: Turn) -> None:
        waiting = queue.alone if _is_alone(turn) else queue.pending
        if turn not in waiting:
            waiting.append(turn)

    def _queue(self, seat: Seat) -> _Queue:
        return self._queues.setdefault(seat, _Queue())

    def _let_go(self, turns: Iterable[Turn]) -> None:
        # Turns that joined a running turn are released with that turn.
        self._in_hand.drop({turn.id for turn in turns} - self._running)


def _is_alone(turn: Turn) -> bool:
    """Return whether no turn may join: the text is on record, or is being regenerated."""
    return not turn.to_think or turn.is_regeneration


def _takes_more(turn: Turn) -> bool:
    """Return whether a person asked in their own words, so that they may add further messages."""
    by_person = turn.reason in ASKED and not turn.detail
    return by_person and not turn.is_regeneration


def _as_begun(turn: Turn) -> Turn:
    """Return `turn` as RUNNING: a process may die with words shown and the record waiting."""
    accepted = turn.state is TurnState.ACCEPTED
    return replace(turn, state=TurnState.RUNNING) if accepted else turn


def _trigger(turn: Turn) -> int:
    return turn.trigger
