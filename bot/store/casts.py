"""Who is in which room, and up to where each room was read, in Redis.

Implements `bot.rooms.ports.Casts`. Owns no rule of addressing, nor of who inherits from whom. What
is kept of a room goes with the last character that leaves it; sessions stay (they are the
ledger's).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from bot.domain.room import Room, Seat
from bot.store import keys
from bot.store.connection import Store
from bot.store.records import RecordError, room_from_text, room_to_text

log = logging.getLogger(__name__)

_REMOVE = """
local gone = redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('HGET', KEYS[2], ARGV[2]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[2]) end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HDEL', KEYS[3], ARGV[2])
  redis.call('HDEL', KEYS[4], ARGV[2])
end
return gone
"""

# Compared as text, by length and then by digits: Lua's numbers are doubles, and a snowflake
# needs 64 bits.
_MARK = """
local old, new = redis.call('HGET', KEYS[1], ARGV[1]), ARGV[2]
if not old or #new > #old or (#new == #old and new > old) then
  redis.call('HSET', KEYS[1], ARGV[1], new)
end
"""


class RedisCasts:
    """A `Casts`, with the high-water mark of each room beside it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remove = store.client.register_script(_REMOVE)
        self._mark = store.client.register_script(_MARK)

    async def cast(self, room_id: int) -> tuple[str, ...]:
        """Keys of the characters in the room, in the order they came."""
        async with self._store.reached() as redis:
            there: list[str] = await redis.zrange(keys.cast(room_id), 0, -1)
        return tuple(there)

    async def add(self, room: Room, character: str) -> bool:
        """Bring a character in; False when it was there."""
        async with self._store.pipeline() as pipe:
            pipe.zadd(keys.cast(room.id), {character: _now()}, nx=True)
            pipe.hset(keys.ROOMS, str(room.id), room_to_text(room))
            added, _ = await pipe.execute()
        return bool(added)

    async def remove(self, room_id: int, character: str) -> bool:
        """Send it away; False when it was not there. Its session stays."""
        async with self._store.reached():
            gone = await self._remove(
                keys=[keys.cast(room_id), keys.LAST_ADDRESSED, keys.ROOMS, keys.MARKS],
                args=[character, str(room_id)],
            )
        return bool(gone)

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        """A thread's own cast is these, in this order; nobody is a cast of its own as well."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.cast(room.id))
            if characters:
                first = _now()
                pipe.zadd(keys.cast(room.id), {one: first + n for n, one in enumerate(characters)})
            pipe.hset(keys.ROOMS, str(room.id), room_to_text(room))
            await pipe.execute()

    async def inherit(self, room_id: int) -> None:
        """The room has no cast of its own any more. Its mark stays."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.cast(room_id))
            pipe.hdel(keys.ROOMS, str(room_id))
            await pipe.execute()

    async def rooms(self) -> list[Room]:
        """Every room with a cast of its own, by id."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.ROOMS)
        found: list[Room] = []
        for room_id, text in rows.items():
            try:
                found.append(room_from_text(text))
            except RecordError:
                log.exception("room %s cannot be read and is left out", room_id)
        return sorted(found, key=lambda room: room.id)

    async def addressed(self) -> dict[int, str]:
        """Room id → the character addressed last there, for mentions of the bot."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.LAST_ADDRESSED)
        return {int(room_id): key for room_id, key in rows.items() if room_id.isdecimal()}

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        """Remember it."""
        async with self._store.reached() as redis:
            await redis.hset(keys.LAST_ADDRESSED, str(room_id), character)

    async def summoners(self) -> dict[Seat, int]:
        """Seat → the person who summoned that character into that room."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.SUMMONERS)
        found: dict[Seat, int] = {}
        for seat, person in rows.items():
            room_id, _, character = seat.partition(":")
            if room_id.isdecimal() and person.isdecimal():
                found[Seat(int(room_id), character)] = int(person)
        return found

    async def set_summoner(self, seat: Seat, person: int) -> None:
        """Remember it."""
        async with self._store.reached() as redis:
            await redis.hset(keys.SUMMONERS, str(seat), str(person))

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        """Forget who summoned these. Safe to repeat."""
        if seats:
            async with self._store.reached() as redis:
                await redis.hdel(keys.SUMMONERS, *map(str, seats))

    async def mark(self, room_id: int, message_id: int) -> None:
        """The room was read up to this message. An older one than before changes nothing."""
        async with self._store.reached():
            await self._mark(keys=[keys.MARKS], args=[str(room_id), str(message_id)])

    async def marks(self) -> dict[int, int]:
        """Room id → the newest message that was taken in."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.MARKS)
        found: dict[int, int] = {}
        for room_id, message_id in rows.items():
            try:
                found[int(room_id)] = int(message_id)
            except ValueError:
                log.exception("the mark of room %s cannot be read and is left out", room_id)
        return found

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Forget the marks of these rooms, and who was addressed last there."""
        if not room_ids:
            return
        rows = [str(room_id) for room_id in room_ids]
        async with self._store.pipeline() as pipe:
            pipe.hdel(keys.MARKS, *rows)
            pipe.hdel(keys.LAST_ADDRESSED, *rows)
            await pipe.execute()


def _now() -> int:
    """Microseconds: orders a cast, and fits a score's 53 bits."""
    return time.time_ns() // 1000
