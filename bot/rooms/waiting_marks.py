"""A 👀 under the message of somebody who waits behind another's answer; it goes with their own.

Discord's typing line names the character, not whom it answers, so who waits sees nothing of that.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from bot.domain.turn import Turn
from bot.errors import DeliveryError
from bot.rooms.ports import Stage
from bot.tasks import Tasks

log = logging.getLogger(__name__)

EYES = "👀"
# Seconds: who is answered sooner needs no sign, and Discord takes one reaction in 0.25 s.
PATIENCE = 3.0
# Marks of one channel and its threads: hundreds may wait for one character, or one person in many
# threads, and with more each mark, and what a character reacts with, would come a minute late.
AT_ONCE = 12


class WaitingMarks:
    """The marks of this process. Nothing waits for one: neither put nor taken away."""

    def __init__(self, stage: Stage, tasks: Tasks, *, patience: float = PATIENCE) -> None:
        self._stage = stage
        self._tasks = tasks
        self.patience = patience
        self._left: set[str] = set()
        self._marks: Counter[int] = Counter()

    def left_by_another(self, turn: Turn) -> None:
        """A process that died had it in hand, and may have marked its message."""
        self._left.add(turn.id)

    def are_over(self, turns: Iterable[Turn]) -> None:
        """Whatever another process left under their messages goes."""
        for turn in turns:
            if turn.id in self._left:
                self._left.discard(turn.id)
                self._tasks.start(f"unmark {turn.trigger}", self._take_away(turn, []))

    @asynccontextmanager
    async def under(self, turn: Turn, waits: Callable[[], bool]) -> AsyncIterator[None]:
        """Mark the turn's message if it still `waits` after a while; no longer than this lasts."""
        putting: list[asyncio.Task[None]] = []

        def put() -> None:
            if waits() and self._marks[turn.room.webhook_channel] < AT_ONCE:
                self._marks[turn.room.webhook_channel] += 1
                putting.append(self._tasks.start(f"mark {turn.trigger}", self._put(turn)))

        timer = asyncio.get_running_loop().call_later(self.patience, put)
        try:
            yield
        finally:
            timer.cancel()
            if putting:
                self._tasks.start(f"unmark {turn.trigger}", self._take_away(turn, putting))

    async def _put(self, turn: Turn) -> None:
        try:
            await self._stage.react(turn.room, turn.trigger, EYES)
        except DeliveryError as error:
            log.info("that somebody waits is not shown: %s", error)

    async def _take_away(self, turn: Turn, putting: list[asyncio.Task[None]]) -> None:
        if putting:
            await asyncio.wait(putting)
        try:
            await self._stage.unreact(turn.room, turn.trigger, EYES)
        except DeliveryError as error:
            log.info("a mark stays: %s", error)
        finally:
            channel = turn.room.webhook_channel
            self._marks[channel] -= len(putting)
            if not self._marks[channel]:
                del self._marks[channel]
