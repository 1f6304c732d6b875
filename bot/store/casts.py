"""The cast and the committed offset of each room, in Redis.

Implements `bot.rooms.ports.casts.Casts`. Owns no rule of addressing or inheritance. When the last
character leaves a room, its records are deleted, except the sessions, which are the ledger's.
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

# Snowflakes are compared as text, by length and then by digits: they need 64 bits, and Lua's
# numbers are doubles.
_MARK = """
local old, new = redis.call('HGET', KEYS[1], ARGV[1]), ARGV[2]
if not old or #new > #old or (#new == #old and new > old) then
  redis.call('HSET', KEYS[1], ARGV[1], new)
end
"""


class RedisCasts:
    """A `Casts`, together with the committed offset of each room."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remove = store.client.register_script(_REMOVE)
        self._mark = store.client.register_script(_MARK)

    async def cast(self, room_id: int) -> tuple[str, ...]:
        """Return the keys of the characters in the room, in the order of their arrival."""
        async with self._store.reached() as redis:
            characters: list[str] = await redis.zrange(keys.cast(room_id), 0, -1)
        return tuple(characters)

    async def add(self, room: Room, character: str) -> bool:
        """Add a character; False when the cast contained it already."""
        async with self._store.pipeline() as pipe:
            pipe.zadd(keys.cast(room.id), {character: _now()}, nx=True)
            pipe.hset(keys.ROOMS, str(room.id), room_to_text(room))
            added, _ = await pipe.execute()
        return bool(added)

    async def remove(self, room_id: int, character: str) -> bool:
        """Remove a character, but not its session; False when the cast did not contain it."""
        async with self._store.reached():
            removed = await self._remove(
                keys=[keys.cast(room_id), keys.LAST_ADDRESSED, keys.ROOMS, keys.MARKS],
                args=[character, str(room_id)],
            )
        return bool(removed)

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        """Give a Discord thread its own cast, in this order; an empty cast is its own cast too."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.cast(room.id))
            if characters:
                scores = enumerate(characters, start=_now())
                pipe.zadd(keys.cast(room.id), {character: score for score, character in scores})
            pipe.hset(keys.ROOMS, str(room.id), room_to_text(room))
            await pipe.execute()

    async def inherit(self, room_id: int) -> None:
        """Delete the room's own cast: the room inherits a cast again and keeps its offset."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.cast(room_id))
            pipe.hdel(keys.ROOMS, str(room_id))
            await pipe.execute()

    async def rooms(self) -> list[Room]:
        """Return every room with its own cast, sorted by id."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.ROOMS)
        found: list[Room] = []
        for room_id, text in rows.items():
            try:
                found.append(room_from_text(text))
            except RecordError:
                log.exception("skipping room %s: its record cannot be read", room_id)
        return sorted(found, key=lambda room: room.id)

    async def addressed(self) -> dict[int, str]:
        """Return room id → the character addressed last in it, for mentions of the bot."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.LAST_ADDRESSED)
        return {int(room_id): key for room_id, key in rows.items() if room_id.isdecimal()}

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        """Store the character that was addressed last in the room."""
        async with self._store.reached() as redis:
            await redis.hset(keys.LAST_ADDRESSED, str(room_id), character)

    async def summoners(self) -> dict[Seat, int]:
        """Return seat → the person who summoned the character into the room."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.SUMMONERS)
        found: dict[Seat, int] = {}
        for seat, person in rows.items():
            room_id, _, character = seat.partition(":")
            if room_id.isdecimal() and person.isdecimal():
                found[Seat(int(room_id), character)] = int(person)
        return found

    async def set_summoner(self, seat: Seat, person: int) -> None:
        """Store the person who summoned the character."""
        async with self._store.reached() as redis:
            await redis.hset(keys.SUMMONERS, str(seat), str(person))

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        """Delete the summoners of these seats. Idempotent."""
        if seats:
            async with self._store.reached() as redis:
                await redis.hdel(keys.SUMMONERS, *map(str, seats))

    async def mark(self, room_id: int, message_id: int) -> None:
        """Commit a new offset: the room was read up to this message. An older id is ignored."""
        async with self._store.reached():
            await self._mark(keys=[keys.MARKS], args=[str(room_id), str(message_id)])

    async def marks(self) -> dict[int, int]:
        """Return room id → committed offset, the newest message that was processed."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.MARKS)
        found: dict[int, int] = {}
        for room_id, message_id in rows.items():
            try:
                found[int(room_id)] = int(message_id)
            except ValueError:
                log.exception("skipping the committed offset of room %s: not a number", room_id)
        return found

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Delete the committed offsets and the last addressed characters of these rooms."""
        if not room_ids:
            return
        rows = [str(room_id) for room_id in room_ids]
        async with self._store.pipeline() as pipe:
            pipe.hdel(keys.MARKS, *rows)
            pipe.hdel(keys.LAST_ADDRESSED, *rows)
            await pipe.execute()


def _now() -> int:
    """Return the time in microseconds, which orders a cast and fits a score's 53 bits."""
    return time.time_ns() // 1000
