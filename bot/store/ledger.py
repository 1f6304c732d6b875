"""The record of turns, of whose message is whose, and of sessions, in Redis.

Implements `bot.rooms.ports.Ledger`. A turn is written on the way of its first words, so each
method is one round trip, and each may be repeated: redis-py sends a command again when the
answer to it was lost. Owns no decision about turns.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn, TurnState
from bot.store import keys
from bot.store.connection import Store
from bot.store.records import (
    CHUNK,
    RecordError,
    message_from_text,
    message_to_text,
    order_to_text,
    session_from_fields,
    session_to_fields,
    turn_from_fields,
    turn_to_text,
)

log = logging.getLogger(__name__)

# A done turn is also the memory that its trigger was answered. A gateway replays minutes and
# a gap is filled for hours, so a week is ample.
TURN_KEPT = timedelta(days=7)
# People come back to old threads and reply to what a character said weeks ago; a message
# older than a season is answered by name. About 60 bytes each.
MESSAGE_KEPT = timedelta(days=90)
# After a season without a word the thread begins anew with the channel's history, as a lost one.
# Threads on Discord come and go, and most are never deleted. Up to 7 kB each.
SESSION_KEPT = timedelta(days=90)

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

# A session, whose messages are whose, and turns, in one write. A done turn's record names its
# messages: their own fields go, and those of chunks that it has no more.
_WRITE = """
local fields, messages = tonumber(ARGV[1]), tonumber(ARGV[6])
if fields > 0 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 7, 6 + fields))
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  redis.call('SADD', KEYS[3], ARGV[2])
  redis.call('EXPIRE', KEYS[3], ARGV[4])
  if redis.call('HGET', KEYS[2], 'cut') == ARGV[3] then redis.call('HDEL', KEYS[2], 'cut') end
end
local at = 7 + fields
for number = 4, 3 + messages do
  redis.call('HSET', KEYS[number], ARGV[at], ARGV[at + 1])
  redis.call('EXPIRE', KEYS[number], ARGV[5])
  at = at + 2
end
for number = 4 + messages, #KEYS do
  local key = KEYS[number]
  local rank, record, age, id, kept, chunks = unpack(ARGV, at, at + 5)
  at = at + 6
  if tonumber(redis.call('HGET', key, 'rank') or 0) <= tonumber(rank) then
    redis.call('HSET', key, 'rank', rank, 'record', record)
    if tonumber(kept) > 0 then
      redis.call('ZREM', KEYS[1], id)
      redis.call('EXPIRE', key, kept)
      redis.call('HDEL', key, 'claim')
    else
      redis.call('ZADD', KEYS[1], age, id)
    end
    local shown = tonumber(chunks)
    if shown >= 0 then
      for index = 0, shown - 1 do redis.call('HDEL', key, 'chunk:' .. index) end
      while redis.call('HDEL', key, 'chunk:' .. shown) == 1 do shown = shown + 1 end
    end
  end
end
return 1
"""

# A store that lost its last second may know nothing of the turn any more.
_CHUNK = """
if redis.call('HEXISTS', KEYS[1], 'record') == 0 then
  redis.call('HSET', KEYS[1], 'rank', ARGV[3], 'record', ARGV[4])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[7])
redis.call('EXPIRE', KEYS[3], ARGV[8])
"""

_REOPEN = """
local record = redis.call('HGET', KEYS[1], 'record')
if not record then return 0 end
if redis.call('HGET', KEYS[1], 'claim') == ARGV[1] then return 1 end
if cjson.decode(record).state ~= 'done' then return 0 end
redis.call('HSET', KEYS[1], 'claim', ARGV[1], 'rank', ARGV[2], 'record', ARGV[3])
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
return 1
"""

# Orders are texts of the same length: compared as such, they are exact.
_CUT = """
local asked = {}
for number = 4, #ARGV do asked[ARGV[number]] = true end
for _, character in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local key = ARGV[1] .. character
  local row = redis.call('HMGET', key, 'cursor', 'cut', 'reach')
  local heard = row[1] and (asked[character] or (row[3] or row[1]) >= ARGV[2])
  if heard and character ~= ARGV[3] and not (row[2] and row[2] <= ARGV[2]) then
    redis.call('HSET', key, 'cut', ARGV[2])
  end
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
        self._chunk = store.client.register_script(_CHUNK)
        self._reopen = store.client.register_script(_REOPEN)
        self._cut = store.client.register_script(_CUT)
        self._unfinished = store.client.register_script(_UNFINISHED)

    async def run_id(self) -> str:
        """The server's own name of its process, from INFO."""
        async with self._store.reached() as redis:
            told: dict[str, Any] = await redis.info("server")
        return str(told.get("run_id", ""))

    async def accept(self, turn: Turn) -> bool:
        """Write a new turn; False when this very turn was accepted before."""
        async with self._store.reached():
            fresh = await self._accept(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[uuid4().hex, _RANK[turn.state], turn_to_text(turn), _age(turn), turn.id],
            )
        return bool(fresh)

    async def reopen(self, turn: Turn) -> bool:
        """A DONE turn goes on as it is given now, and is unfinished again; see the port."""
        async with self._store.reached():
            opened = await self._reopen(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[uuid4().hex, _RANK[turn.state], turn_to_text(turn), _age(turn), turn.id],
            )
        return bool(opened)

    async def run(self, turn: Turn) -> None:
        """RUNNING, with the thread and the mind's id of the turn."""
        await self._put(turn)

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """RECORDED, with the text: from here on it is delivered, not thought again."""
        await self._put(turn, *joined, seat=turn.seat, session=session)

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """DONE or CLOSED; it leaves the list of unfinished ones and is kept for `TURN_KEPT`.

        A DONE turn names its messages once more: a store that crashed may have lost their chunks.
        """
        await self._put(turn, *joined, seat=turn.seat, session=session)

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Chunk `index` (from 0) is shown as this message, which now belongs to the character."""
        rank, record, age, turn_id, *_ = _row(turn)
        named = message_to_text(turn, message_id), int(MESSAGE_KEPT.total_seconds())
        async with self._store.reached():
            await self._chunk(
                keys=[keys.turn(turn.id), keys.UNFINISHED, keys.messages(message_id)],
                args=[f"{CHUNK}{index}", message_id, rank, record, age, turn_id, *named],
            )

    async def claim(self, turn: Turn, message_id: int) -> None:
        """This message is the character's too, but no part of the turn's answer: a poll, a file."""
        key = keys.messages(message_id)
        async with self._store.pipeline() as pipe:
            pipe.hset(key, str(message_id), message_to_text(turn, message_id, apart=True))
            pipe.expire(key, MESSAGE_KEPT)
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

    async def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id; None when there is none, or none that can be read."""
        return (await self._turns([turn_id])).get(turn_id)

    async def turn_of(self, message_id: int) -> Turn | None:
        """The turn that this message is part of, by the record."""
        return (await self.turns_of([message_id])).get(message_id)

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """The same for many at once; messages that are part of none are left out."""
        ids = {one: turn_id for one, (_, turn_id) in (await self.authors(message_ids)).items()}
        turns = await self._turns(sorted(set(ids.values())))
        return {one: turns[turn_id] for one, turn_id in ids.items() if turn_id in turns}

    async def claimed_in(self, message_id: int) -> Turn | None:
        """The turn in which this message was sent apart from its answer: see `claim`."""
        _, turn_id = (await self.authors([message_id])).get(message_id, ("", ""))
        mark = f":{message_id}"
        return await self.turn(turn_id.removesuffix(mark)) if turn_id.endswith(mark) else None

    async def speaker_of(self, message_id: int) -> str | None:
        """The key of the character whose message this is, by the record."""
        found = await self.authors([message_id])
        return found[message_id][0] if message_id in found else None

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Message → (character's key, turn's id), for those that a character said."""
        if not message_ids:
            return {}
        spans: dict[str, list[int]] = defaultdict(list)
        for message_id in message_ids:
            spans[keys.messages(message_id)].append(message_id)
        async with self._store.pipeline(transaction=False) as pipe:
            for key, span in spans.items():
                pipe.hmget(key, [str(message_id) for message_id in span])
            pipe.mget([keys.message(message_id) for message_id in message_ids])
            *rows, earlier = await pipe.execute()
        texts: dict[int, str | None] = dict(zip(message_ids, earlier, strict=True))
        for span, row in zip(spans.values(), rows, strict=True):
            texts |= {
                known: text for known, text in zip(span, row, strict=True) if text is not None
            }
        found: dict[int, tuple[str, str]] = {}
        for message_id, text in texts.items():
            try:
                if text is not None:
                    found[message_id] = message_from_text(message_id, text)
            except RecordError:
                log.exception("the record of message %s cannot be read", message_id)
        return found

    async def orders(self, turn_ids: Collection[str]) -> dict[str, int]:
        """Turn → its order, for those that were said; 0 for those that are being said."""
        turns = await self._turns(sorted(turn_ids))
        known = {one: turn for one, turn in turns.items() if turn.order or not turn.has_ended}
        return {turn_id: turn.order for turn_id, turn in known.items()}

    async def session(self, seat: Seat) -> Session | None:
        """The seat's session."""
        async with self._store.reached() as redis:
            fields: dict[str, str] = await redis.hgetall(keys.session(seat))
        if not fields:
            return None
        try:
            return session_from_fields(fields, seat)
        except RecordError:
            log.exception("the session of %s cannot be read; a new thread will be started", seat)
            return None

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, all but its cut."""
        await self._put(seat=seat, session=session)

    async def mend(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, and take out its cut, unless another one has come."""
        await self._put(seat=seat, session=session, mended=session.cut)

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        """What the room showed from `order` on has changed: see the port."""
        async with self._store.reached():
            await self._cut(
                keys=[keys.seats(room_id)],
                args=[keys.sessions(room_id), order_to_text(order), spared or "", *asked],
            )

    async def drop_session(self, seat: Seat) -> None:
        """Forget the seat's session: its next turn starts a new thread."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.session(seat))
            pipe.srem(keys.seats(seat.room_id), seat.character)
            await pipe.execute()

    async def _turns(self, turn_ids: Sequence[str]) -> dict[str, Turn]:
        """Those that are there and can be read, by id."""
        if not turn_ids:
            return {}
        async with self._store.pipeline(transaction=False) as pipe:
            for turn_id in turn_ids:
                pipe.hgetall(keys.turn(turn_id))
            rows: list[dict[str, str]] = await pipe.execute()
        found: dict[str, Turn] = {}
        for turn_id, fields in zip(turn_ids, rows, strict=True):
            try:
                if fields:
                    found[turn_id] = turn_from_fields(fields)
            except RecordError:
                log.exception("turn %s cannot be read", turn_id)
        return found

    async def _put(
        self,
        *turns: Turn,
        seat: Seat | None = None,
        session: Session | None = None,
        mended: int = 0,
    ) -> None:
        """Turns of one seat, and its session, in one write."""
        at = seat or turns[0].seat
        fields: list[str] = []
        if session is not None:
            fields = [text for pair in session_to_fields(session, at).items() for text in pair]
        said = [
            (keys.messages(message_id), str(message_id), message_to_text(turn, message_id))
            for turn in turns
            if turn.state is TurnState.DONE
            for message_id in turn.chunks
        ]
        kept = (int(SESSION_KEPT.total_seconds()), int(MESSAGE_KEPT.total_seconds()))
        args: list[str | float] = [len(fields), at.character, order_to_text(mended), *kept]
        args += [len(said), *fields]
        for _, message_id, text in said:
            args += [message_id, text]
        for turn in turns:
            args += _row(turn)
        named = [keys.UNFINISHED, keys.session(at), keys.seats(at.room_id)]
        named += [key for key, _, _ in said]
        async with self._store.reached():
            # Not in a pipeline: redis-py would first ask whether the script is known, and keep the
            # connection for itself when that fails.
            await self._write(keys=named + [keys.turn(turn.id) for turn in turns], args=args)

    async def _set_aside(self, turn_id: str) -> None:
        async with self._store.pipeline() as pipe:
            pipe.zrem(keys.UNFINISHED, turn_id)
            pipe.expire(keys.turn(turn_id), TURN_KEPT)
            await pipe.execute()


def _row(turn: Turn) -> list[str | float]:
    rank = _RANK[turn.state]
    kept = int(TURN_KEPT.total_seconds()) if rank == _ENDED else 0
    chunks = len(turn.chunks) if turn.state is TurnState.DONE else -1
    return [rank, turn_to_text(turn), _age(turn), turn.id, kept, chunks]


def _age(turn: Turn) -> float:
    return turn.accepted_at.timestamp()
