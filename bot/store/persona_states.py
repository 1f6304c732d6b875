"""The persona state of each seat, its mood and status line, in Redis.

Implements `bot.rooms.state.persona_states.PersonaStateStore`. A single hash, which is read whole at
start.
"""

from __future__ import annotations

import json
import logging

from bot.domain.room import Seat
from bot.rooms.state.persona_states import PLAIN, PersonaState
from bot.store import keys
from bot.store.connection import Store

log = logging.getLogger(__name__)


class RedisPersonaStates:
    """Seat → persona state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def persona_states(self) -> dict[Seat, PersonaState]:
        """Return the persona state of every seat; unreadable records are logged and skipped."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.PERSONA_STATES)
        found: dict[Seat, PersonaState] = {}
        for seat, text in rows.items():
            try:
                room_id, character = seat.split(":", maxsplit=1)
                row = json.loads(text)
                persona_state = PersonaState(str(row["mood"]), str(row["status"]))
                found[Seat(int(room_id), character)] = persona_state
            except (ValueError, TypeError, KeyError):
                log.exception("skipping the persona state of %s: it cannot be read", seat)
        return found

    async def keep_persona_state(self, seat: Seat, persona_state: PersonaState) -> None:
        """Store a seat's persona state; a plain state is deleted instead."""
        async with self._store.reached() as redis:
            if persona_state == PLAIN:
                await redis.hdel(keys.PERSONA_STATES, str(seat))
            else:
                row = {"mood": persona_state.mood, "status": persona_state.status}
                await redis.hset(keys.PERSONA_STATES, str(seat), json.dumps(row))
