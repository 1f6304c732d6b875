"""The record of turns, of whose message is whose, and of sessions, in Redis.

Implements `bot.rooms.ports.Ledger`. A turn is written on the way of its first words, so each
method is one round trip, and each may be repeated: redis-py sends a command again when the
answer to it was lost. Owns no decision about turns.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn, TurnState
from bot.store import keys
from bot.store.connection import Store
from bot.store.records import CHUNK, RecordError, turn_from_fields, turn_to_text

log = logging.getLogger(__name__)

# A done turn is also the memory that its trigger was answered. A gateway replays minutes and
# a gap is filled for hours, so a week is ample.
TURN_KEPT = timedelta(days=7)
# People come back to old threads and reply to what a character said weeks ago; a message
# older than a season is answered by name. About 200 bytes each.
MESSAGE_KEPT = timedelta(days=90)

# How far a state is: a write that comes late never takes a turn back.
_RANK = {
    TurnState.ACCEPTED: 1,
    TurnState.RUNNING: 2,
    TurnState.RECORDED: 3,
    TurnState.DONE: 4,
    TurnState.CLOSED: 4,
}
_ENDED = 4

# `claim` tells a repeat of the same call (true again) from a second one (false).
_ACCEPT = """
if redis.call('HEXISTS', KEYS[1], 'record') == 1 then
  return redis.call('HGET', KEYS[1], 'claim') == ARGV[1] and 1 or 0
end
redis.call('HSET', KEYS[1], 'claim', ARGV[1], 'rank', ARGV[2], 'record', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
return 1
"""

_WRITE = """
if tonumber(redis.call('HGET', KEYS[1], 'rank') or 0) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'rank', ARGV[1], 'record', ARGV[2])
if tonumber(ARGV[5]) > 0 then
  redis.call('ZREM', KEYS[2], ARGV[4])
  redis.call('EXPIRE', KEYS[1], ARGV[5])
else
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
end
return 1
"""

_UNFINISHED = """
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = {id, redis.call('HGETALL', ARGV[1] .. id)}
end
return found
"""


class RedisLedger:
    """A `Ledger`. Whole records are written each time, so a lost one heals at the next step."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._accept = store.client.register_script(_ACCEPT)
        self._write = store.client.register_script(_WRITE)
        self._unfinished = store.client.register_script(_UNFINISHED)

    async def accept(self, turn: Turn) -> bool:
        """Write a new turn; False when this very turn was accepted before."""
        async with self._store.reached():
            fresh = await self._accept(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[uuid4().hex, _RANK[turn.state], turn_to_text(turn), _age(turn), turn.id],
            )
        return bool(fresh)

    async def run(self, turn: Turn) -> None:
        """RUNNING, with the thread and the mind's id of the turn."""
        await self._put(turn)

    async def record(self, turn: Turn) -> None:
        """RECORDED, with the text: from here on it is delivered, not thought again."""
        await self._put(turn)

    async def end(self, turn: Turn) -> None:
        """DONE or CLOSED; it leaves the list of unfinished ones and is kept for `TURN_KEPT`."""
        await self._put(turn)

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Chunk `index` (from 0) is shown as this message, which now belongs to the character."""
        row = json.dumps({"character": turn.character, "turn": turn.id, "chunk": index})
        async with self._store.reached() as redis:
            pipe = redis.pipeline(transaction=True)
            pipe.hset(keys.turn(turn.id), f"{CHUNK}{index}", str(message_id))
            pipe.set(keys.message(message_id), row, ex=MESSAGE_KEPT)
            await pipe.execute()

    async def unfinished(self) -> list[Turn]:
        """Turns that are neither DONE nor CLOSED, oldest first. Unreadable ones are set aside."""
        async with self._store.reached():
            rows: list[Any] = await self._unfinished(keys=[keys.UNFINISHED], args=[keys.turn("")])
        turns: list[Turn] = []
        for turn_id, flat in rows:
            try:
                turns.append(turn_from_fields(dict(zip(flat[::2], flat[1::2], strict=True))))
            except RecordError as error:
                log.error("turn %s cannot be read and is set aside: %s", turn_id, error)  # noqa: TRY400 no trace needed
                await self._set_aside(turn_id)
        return turns

    async def speaker_of(self, message_id: int) -> str | None:
        """The key of the character whose message this is, by the record."""
        found = await self.authors([message_id])
        return found[message_id][0] if message_id in found else None

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Message → (character's key, turn's id), for those that a character said."""
        if not message_ids:
            return {}
        async with self._store.reached() as redis:
            texts: list[str | None] = await redis.mget([keys.message(one) for one in message_ids])
        found: dict[int, tuple[str, str]] = {}
        for message_id, text in zip(message_ids, texts, strict=True):
            if text is None:
                continue
            try:
                row = json.loads(text)
                found[message_id] = (str(row["character"]), str(row["turn"]))
            except (ValueError, TypeError, KeyError):
                log.exception("the record of message %s cannot be read", message_id)
        return found

    async def session(self, seat: Seat) -> Session | None:
        """The seat's session."""
        async with self._store.reached() as redis:
            fields: dict[str, str] = await redis.hgetall(keys.session(seat))
        if not fields:
            return None
        try:
            return Session(fields["thread_id"], fields["fingerprint"], int(fields["cursor"]))
        except (ValueError, KeyError):
            log.exception("the session of %s cannot be read; a new thread will be started", seat)
            return None

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, its cursor with it."""
        fields = {
            "thread_id": session.thread_id,
            "fingerprint": session.fingerprint,
            "cursor": str(session.cursor),
        }
        async with self._store.reached() as redis:
            await redis.hset(keys.session(seat), mapping=fields)

    async def drop_session(self, seat: Seat) -> None:
        """Forget the seat's session: its next turn starts a new thread."""
        async with self._store.reached() as redis:
            await redis.delete(keys.session(seat))

    async def _put(self, turn: Turn) -> None:
        rank = _RANK[turn.state]
        kept = int(TURN_KEPT.total_seconds()) if rank == _ENDED else 0
        async with self._store.reached():
            await self._write(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[rank, turn_to_text(turn), _age(turn), turn.id, kept],
            )

    async def _set_aside(self, turn_id: str) -> None:
        async with self._store.reached() as redis:
            pipe = redis.pipeline(transaction=True)
            pipe.zrem(keys.UNFINISHED, turn_id)
            pipe.expire(keys.turn(turn_id), TURN_KEPT)
            await pipe.execute()


def _age(turn: Turn) -> float:
    return turn.accepted_at.timestamp()
