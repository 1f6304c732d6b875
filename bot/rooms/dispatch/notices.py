"""Messages of the bot itself in a room. Owns the throttling of repetitions."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from bot.domain.room import Room
from bot.errors import DeliveryError
from bot.rooms.ports.stage import Stage

log = logging.getLogger(__name__)

# Seconds before the same notice may be sent to the same room again.
SILENCE_BETWEEN = 60.0
# Most notices remembered; the oldest is evicted first.
KEPT = 1_000


class Notices:
    """Sends notices, each at most once per room and `SILENCE_BETWEEN`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._said: OrderedDict[tuple[int, str], float] = OrderedDict()

    async def say(self, room: Room, text: str, *, reply_to: int) -> None:
        """Send the notice unless it was sent recently. A failure is logged, not raised."""
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
            log.warning("cannot send a notice: %s", error)
