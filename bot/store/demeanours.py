"""The faces that characters wear and what they are said to do, by seat, in Redis.

Implements `bot.rooms.demeanours.DemeanourStore`. One hash for all: it is read whole at start.
"""

from __future__ import annotations

import json
import logging

from bot.domain.room import Seat
from bot.rooms.demeanours import PLAIN, Demeanour
from bot.store import keys
from bot.store.connection import Store

log = logging.getLogger(__name__)


class RedisDemeanours:
    """Seat → demeanour."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def demeanours(self) -> dict[Seat, Demeanour]:
        """All of them. Unreadable ones are logged and left out."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.DEMEANOURS)
        found: dict[Seat, Demeanour] = {}
        for seat, text in rows.items():
            try:
                room_id, character = seat.split(":", maxsplit=1)
                row = json.loads(text)
                demeanour = Demeanour(str(row["mood"]), str(row["status"]))
                found[Seat(int(room_id), character)] = demeanour
            except (ValueError, TypeError, KeyError):
                log.exception("the demeanour of %s cannot be read and is left out", seat)
        return found

    async def keep_demeanour(self, seat: Seat, demeanour: Demeanour) -> None:
        """Write a seat's; a plain one takes no place."""
        async with self._store.reached() as redis:
            if demeanour == PLAIN:
                await redis.hdel(keys.DEMEANOURS, str(seat))
            else:
                row = {"mood": demeanour.mood, "status": demeanour.status}
                await redis.hset(keys.DEMEANOURS, str(seat), json.dumps(row))
