"""The bot's own voice in a room: rare and short. Owns how often the same thing is said."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from bot.domain.room import Room
from bot.errors import DeliveryError
from bot.rooms.ports import Stage

log = logging.getLogger(__name__)

# A room is told the same thing once in this many seconds, not under every message.
SILENCE_BETWEEN = 60.0
KEPT = 1_000


class Notices:
    """Says things once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._said: OrderedDict[tuple[int, str], float] = OrderedDict()

    async def say(self, room: Room, text: str, *, reply_to: int) -> None:
        """Tell the room, unless it was told just now. Failing to is logged, not raised."""
        now, key = time.monotonic(), (room.id, text)
        if now - self._said.get(key, -SILENCE_BETWEEN) < SILENCE_BETWEEN:
            return
        self._said[key] = now
        self._said.move_to_end(key)
        if len(self._said) > KEPT:
            self._said.popitem(last=False)
        try:
            await self._stage.tell(room, text, reply_to=reply_to)
        except DeliveryError as error:
            log.warning("a notice could not be given: %s", error)
