"""Reacts with 👀 to a message whose answer waits behind another, until the answer comes.

Discord's typing indicator names the character but not the person it answers, so a waiting person
cannot tell whether the bot has noticed them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from bot.domain.turn import Turn
from bot.errors import DeliveryError
from bot.rooms.ports.stage import Stage
from bot.tasks import Tasks

log = logging.getLogger(__name__)

EYES = "👀"
# Seconds of waiting before the mark appears. Discord allows one reaction in 0.25 s.
PATIENCE = 3.0
# Most marks in a channel and its Discord threads. Hundreds of messages can wait at once; marking
# them all would delay marks and characters' own reactions by a minute.
AT_ONCE = 12


class WaitingMarks:
    """Adds and removes the marks in background tasks, so no turn waits for them."""

    def __init__(self, stage: Stage, tasks: Tasks, *, patience: float = PATIENCE) -> None:
        self._stage = stage
        self._tasks = tasks
        self.patience = patience
        self._left_behind: set[str] = set()
        self._marks: Counter[int] = Counter()

    def left_by_another(self, turn: Turn) -> None:
        """Remember that a previous process had the turn, and may have left a mark."""
        self._left_behind.add(turn.id)

    def are_over(self, turns: Iterable[Turn]) -> None:
        """Remove marks that a previous process left under the messages of these turns."""
        for turn in turns:
            if turn.id in self._left_behind:
                self._left_behind.discard(turn.id)
                self._tasks.start(f"unmark {turn.trigger}", self._unmark(turn, []))

    @asynccontextmanager
    async def under(self, turn: Turn, waits: Callable[[], bool]) -> AsyncIterator[None]:
        """Mark the turn's message if it still `waits` after `patience`; unmark it at the end."""
        marking: list[asyncio.Task[None]] = []

        def put() -> None:
            if waits() and self._marks[turn.room.webhook_channel] < AT_ONCE:
                self._marks[turn.room.webhook_channel] += 1
                marking.append(self._tasks.start(f"mark {turn.trigger}", self._mark(turn)))

        timer = asyncio.get_running_loop().call_later(self.patience, put)
        try:
            yield
        finally:
            timer.cancel()
            if marking:
                self._tasks.start(f"unmark {turn.trigger}", self._unmark(turn, marking))

    async def _mark(self, turn: Turn) -> None:
        try:
            await self._stage.react(turn.room, turn.trigger, EYES)
        except DeliveryError as error:
            log.info("cannot mark a waiting message: %s", error)

    async def _unmark(self, turn: Turn, marking: list[asyncio.Task[None]]) -> None:
        if marking:
            await asyncio.wait(marking)
        try:
            await self._stage.unreact(turn.room, turn.trigger, EYES)
        except DeliveryError as error:
            log.info("cannot remove the mark of a waiting message: %s", error)
        finally:
            channel = turn.room.webhook_channel
            self._marks[channel] -= len(marking)
            if not self._marks[channel]:
                del self._marks[channel]
