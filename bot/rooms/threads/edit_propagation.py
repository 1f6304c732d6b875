"""Edit propagation: edits and deletions update the message log and mark Codex threads stale.

Owns the position from which a change makes Codex threads stale; `thread_sync` rolls them back
before their next question. `bot.rooms.log.revisions` serves messages that wait in a mailbox.
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
    """Takes edits and deletions from every channel; most of them concern no character."""

    def __init__(
        self, *, message_log: MessageLog, ledger: Ledger, questions: OpenQuestions, tasks: Tasks
    ) -> None:
        self._message_log = message_log
        self._ledger = ledger
        self._questions = questions
        self._tasks = tasks
        self._following: dict[int, set[asyncio.Task[None]]] = {}

    def edited(self, said: Utterance) -> None:
        """Record that a message was edited to `said`."""
        if self._message_log.amend(said):
            self._start(said.room_id, (said.message_id,))

    def deleted(self, room_id: int, message_ids: Sequence[int]) -> None:
        """Record that messages were deleted."""
        self._message_log.unsay(room_id, message_ids)
        self._start(room_id, message_ids)

    async def settled(self, room_id: int) -> None:
        """Wait until all reported changes in a room are on record, before a prompt is built."""
        while under_way := self._following.get(room_id):
            await asyncio.wait(under_way)

    def _start(self, room_id: int, message_ids: Sequence[int]) -> None:
        # A Discord thread started from a message has the message's id, and shows it first. A
        # message whose id is the room's started this very Discord thread.
        discord_threads = [message_id for message_id in message_ids if message_id != room_id]
        for discord_thread_id in discord_threads:
            self._message_log.forget(discord_thread_id)
        follow = self._follow(room_id, message_ids, discord_threads)
        task = self._tasks.start(f"change in {room_id}", follow)
        room_ids = (room_id, *discord_threads)
        for changed_id in room_ids:
            self._following.setdefault(changed_id, set()).add(task)
        task.add_done_callback(lambda done: self._end(room_ids, done))

    def _end(self, room_ids: Iterable[int], done: asyncio.Task[None]) -> None:
        for room_id in room_ids:
            under_way = self._following[room_id]
            under_way.discard(done)
            if not under_way:
                del self._following[room_id]

    async def _follow(
        self, room_id: int, message_ids: Sequence[int], discord_threads: Sequence[int]
    ) -> None:
        turns = await self._said_in(message_ids)
        starts = [_stale_from(message_id, turns.get(message_id)) for message_id in message_ids]
        order = min((start for start in starts if start), default=0)
        if order:
            await self._cut(room_id, order)
        for discord_thread_id in discord_threads:
            # All messages in a Discord thread come after the message that it was started from.
            await self._cut(discord_thread_id, discord_thread_id + 1)

    async def _cut(self, room_id: int, order: int) -> None:
        asked = self._questions.asked(room_id, order)
        await self._ledger.cut(room_id, order, asked=asked)

    async def _said_in(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """Return the turns whose answers contain these messages, by message id."""
        try:
            return await self._ledger.turns_of(message_ids)
        except StoreError as error:
            log.warning("cannot look up the turns of changed messages: %s", error)
            return {}


@dataclass(frozen=True, slots=True)
class Edits:
    """The two sources of changes that `ThreadSync` asks."""

    told: EditPropagation
    """Edits and deletions that Discord reports."""
    drift: DriftDetector
    """Edits and deletions that Discord did not report."""


def _stale_from(message_id: int, turn: Turn | None) -> int:
    """Return the position from which a changed message makes Codex threads stale; 0: nowhere.

    A changed answer counts from its question on. Messages that the bot itself deletes, because an
    answer became shorter or was withdrawn, are no longer among the turn's chunks: 0.
    """
    if turn is None:
        return message_id
    said = turn.state is TurnState.DONE and message_id in turn.chunks
    return turn.trigger if said else 0
