"""The persona state of each seat, its mood and status line, in Redis.

Implements `bot.rooms.demeanours.DemeanourStore`. A single hash, which is read whole at start.
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
    """Seat → persona state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def demeanours(self) -> dict[Seat, Demeanour]:
        """Return the persona state of every seat; unreadable records are logged and skipped."""
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
                log.exception("skipping the persona state of %s: it cannot be read", seat)
        return found

    async def keep_demeanour(self, seat: Seat, demeanour: Demeanour) -> None:
        """Store a seat's persona state; a plain state is deleted instead."""
        async with self._store.reached() as redis:
            if demeanour == PLAIN:
                await redis.hdel(keys.DEMEANOURS, str(seat))
            else:
                row = {"mood": demeanour.mood, "status": demeanour.status}
                await redis.hset(keys.DEMEANOURS, str(seat), json.dumps(row))
