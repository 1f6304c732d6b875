"""What was said is edited or deleted: rooms hear it so, and threads that heard it follow.

Owns where a change begins; that threads are taken back to there is `thread_sync`'s, when they are
asked next. What waits in a mailbox is looked up among the revisions (`bot.rooms.log.revisions`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.turn import Turn, TurnState
from bot.domain.utterance import Utterance
from bot.errors import StoreError
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.ledger import Ledger
from bot.rooms.runs.open_questions import OpenQuestions
from bot.rooms.threads.drift import DriftDetector
from bot.tasks import Tasks

log = logging.getLogger(__name__)


class EditPropagation:
    """Takes edits and deletions, in any place: most of them concern no character."""

    def __init__(
        self, *, message_log: MessageLog, ledger: Ledger, questions: OpenQuestions, tasks: Tasks
    ) -> None:
        self._message_log = message_log
        self._ledger = ledger
        self._questions = questions
        self._tasks = tasks
        self._following: dict[int, set[asyncio.Task[None]]] = {}

    def edited(self, said: Utterance) -> None:
        """A message reads and shows what `said` does from now on."""
        if self._message_log.amend(said):
            self._start(said.room_id, (said.message_id,))

    def deleted(self, room_id: int, message_ids: Sequence[int]) -> None:
        """These are gone."""
        self._message_log.unsay(room_id, message_ids)
        self._start(room_id, message_ids)

    async def settled(self, room_id: int) -> None:
        """Wait until what has changed in a room is on record: who is asked now may not know it."""
        while under_way := self._following.get(room_id):
            await asyncio.wait(under_way)

    def _start(self, room_id: int, message_ids: Sequence[int]) -> None:
        # A thread that was started from a message has its id, and shows it as its first words.
        threads = [one for one in message_ids if one != room_id]
        for thread_id in threads:
            self._message_log.forget(thread_id)
        follow = self._follow(room_id, message_ids, threads)
        task = self._tasks.start(f"change in {room_id}", follow)
        for place in (room_id, *threads):
            self._following.setdefault(place, set()).add(task)
        task.add_done_callback(lambda done: self._end((room_id, *threads), done))

    def _end(self, room_ids: Iterable[int], done: asyncio.Task[None]) -> None:
        for room_id in room_ids:
            under_way = self._following[room_id]
            under_way.discard(done)
            if not under_way:
                del self._following[room_id]

    async def _follow(
        self, room_id: int, message_ids: Sequence[int], threads: Sequence[int]
    ) -> None:
        turns = await self._said_in(message_ids)
        orders = [_begins(one, turns.get(one)) for one in message_ids]
        order = min((one for one in orders if one), default=0)
        if order:
            await self._cut(room_id, order)
        for thread_id in threads:
            # Whatever was said in the thread came after what it was started from.
            await self._cut(thread_id, thread_id + 1)

    async def _cut(self, room_id: int, order: int) -> None:
        asked = self._questions.asked(room_id, order)
        await self._ledger.cut(room_id, order, asked=asked)

    async def _said_in(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """The turns whose answers these are part of."""
        try:
            return await self._ledger.turns_of(message_ids)
        except StoreError as error:
            log.warning("whose messages changed is not known: %s", error)
            return {}


@dataclass(frozen=True, slots=True)
class Edits:
    """Where a thread's owner learns that what its thread was told has changed."""

    told: EditPropagation
    """Edits and deletions that Discord told of."""
    drift: DriftDetector
    """Those that were made while nobody told us."""


def _begins(message_id: int, turn: Turn | None) -> int:
    """From where on the change counts; 0 when it is none.

    A character's words go with the question that they answer. What we delete ourselves, of an
    answer that is shorter than it was or is withdrawn, is none of the turn's messages any more.
    """
    if turn is None:
        return message_id
    said = turn.state is TurnState.DONE and message_id in turn.chunks
    return turn.trigger if said else 0
