"""Showing that somebody types: one task a room, however many speak there. Owns no words.

Only the bot's own user can be shown typing; it lasts ten seconds and cannot be stopped.
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
    """Who is held typing. `interval` is the time in seconds after which it is shown anew.

    `patience` seconds pass before it is shown at all: Discord has no way to stop it, and under an
    answer that came at once it would go on for ten seconds.
    """

    def __init__(
        self, bot: BotApi, tasks: Tasks, *, interval: float, patience: float = 0.0
    ) -> None:
        self._bot = bot
        self._tasks = tasks
        self._interval = interval
        self._patience = patience
        self._holders: Counter[int] = Counter()
        self._shows: dict[int, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def held(self, room_id: int) -> AsyncIterator[Callable[[], None]]:
        """Show somebody typing in that room while this is held, or until what it gives is called.

        Call that when the first words stand there: they show more than typing does, which Discord
        goes on showing for ten seconds after the last request.
        """
        self._holders[room_id] += 1
        is_held = True

        def let_go() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._let_go(room_id)

        if room_id not in self._shows:
            self._shows[room_id] = self._tasks.start(f"typing {room_id}", self._show(room_id))
        try:
            yield let_go
        finally:
            let_go()

    def _let_go(self, room_id: int) -> None:
        self._holders[room_id] -= 1
        if self._holders[room_id] <= 0:
            del self._holders[room_id]
            self._shows.pop(room_id).cancel()

    async def _show(self, room_id: int) -> None:
        await asyncio.sleep(self._patience)
        while True:
            try:
                await self._bot.typing(room_id)
            except DeliveryError as error:
                log.debug("typing is not shown: %s", error)
            await asyncio.sleep(self._interval)
