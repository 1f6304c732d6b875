"""The typing indicator: one task per room, shared by all turns of the room.

Discord shows only the bot's own user typing, for ten seconds, and has no way to stop it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.discord_io.bot_api import BotApi
from bot.errors import DeliveryError
from bot.tasks import Tasks

log = logging.getLogger(__name__)


class Typing:
    """Shows the typing indicator in rooms and renews it every `interval` seconds.

    It starts after `patience` seconds: Discord would go on showing it for up to ten seconds under
    an answer that arrives at once.
    """

    def __init__(
        self, bot: BotApi, tasks: Tasks, *, interval: float, patience: float = 0.0
    ) -> None:
        self._bot = bot
        self._tasks = tasks
        self._interval = interval
        self._patience = patience
        # Room id → number of contexts that hold the indicator, and the task that shows it.
        self._holders: Counter[int] = Counter()
        self._tasks_by_room: dict[int, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def held(self, room_id: int) -> AsyncIterator[Callable[[], None]]:
        """Show the indicator until the context ends or the yielded callback is called.

        Call it at the first send: the answer itself is visible then, but Discord shows the
        indicator for ten seconds after the last request.
        """
        self._holders[room_id] += 1
        is_held = True

        def release() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._release(room_id)

        if room_id not in self._tasks_by_room:
            task = self._tasks.start(f"typing {room_id}", self._show(room_id))
            self._tasks_by_room[room_id] = task
        try:
            yield release
        finally:
            release()

    def _release(self, room_id: int) -> None:
        self._holders[room_id] -= 1
        if self._holders[room_id] <= 0:
            del self._holders[room_id]
            self._tasks_by_room.pop(room_id).cancel()

    async def _show(self, room_id: int) -> None:
        await asyncio.sleep(self._patience)
        while True:
            try:
                await self._bot.typing(room_id)
            except DeliveryError as error:
                log.debug("cannot show typing in room %s: %s", room_id, error)
            await asyncio.sleep(self._interval)
