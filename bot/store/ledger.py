"""The ledger of turns, of the authors of messages, and of sessions, in Redis.

Implements `bot.rooms.ports.ledger.Ledger`. Writing a turn delays its first words, so each method
is a single round trip. Each method is idempotent, because redis-py repeats a command whose answer
was lost. Owns no decision about turns.
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
from bot.store import keys, ledger_scripts
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

# A done turn also records that its trigger was answered. The gateway replays minutes of events and
# a backfill covers hours, so a week is ample.
TURN_KEPT = timedelta(days=7)
# People reply to messages that are weeks old. A reply to an older message than this reaches a
# character only by name. About 60 bytes each.
MESSAGE_KEPT = timedelta(days=90)
# After this time without a turn the Codex thread is replaced, with the channel's history, like a
# lost one. Most Discord threads are never deleted, so sessions must expire. Up to 7 kB each.
SESSION_KEPT = timedelta(days=90)

# The rank of each state: a late write with a lower rank does not change the turn.
_RANK = {
    TurnState.ACCEPTED: 1,
    TurnState.RUNNING: 2,
    TurnState.RECORDED: 3,
    TurnState.DONE: 4,
    TurnState.CLOSED: 4,
}
_ENDED = 4


class RedisLedger:
    """A `Ledger`. Each step writes the whole record, so the next step repairs a lost write."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._accept = store.client.register_script(ledger_scripts.ACCEPT)
        self._write = store.client.register_script(ledger_scripts.WRITE)
        self._chunk = store.client.register_script(ledger_scripts.CHUNK)
        self._reopen = store.client.register_script(ledger_scripts.REOPEN)
        self._cut = store.client.register_script(ledger_scripts.CUT)
        self._unfinished = store.client.register_script(ledger_scripts.UNFINISHED)

    async def run_id(self) -> str:
        """Return the id of the server's process, which changes at each of its starts."""
        async with self._store.reached() as redis:
            info: dict[str, Any] = await redis.info("server")
        return str(info.get("run_id", ""))

    async def accept(self, turn: Turn) -> bool:
        """Write a new turn; False when the turn was accepted before."""
        async with self._store.reached():
            accepted = await self._accept(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[uuid4().hex, _RANK[turn.state], turn_to_text(turn), _accepted(turn), turn.id],
            )
        return bool(accepted)

    async def reopen(self, turn: Turn) -> bool:
        """Replace a DONE turn by the unfinished `turn`; see the port."""
        async with self._store.reached():
            opened = await self._reopen(
                keys=[keys.turn(turn.id), keys.UNFINISHED],
                args=[uuid4().hex, _RANK[turn.state], turn_to_text(turn), _accepted(turn), turn.id],
            )
        return bool(opened)

    async def run(self, turn: Turn) -> None:
        """Write a RUNNING turn, with its Codex thread and Codex turn id."""
        await self._put(turn)

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write a RECORDED turn, whose text is delivered and not generated again; see the port."""
        await self._put(turn, *joined, seat=turn.seat, session=session)

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        """Write a DONE or CLOSED turn, which expires after `TURN_KEPT`; see the port.

        The authors of a DONE turn's messages are written again, because a store that crashed may
        have lost its chunks.
        """
        await self._put(turn, *joined, seat=turn.seat, session=session)

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        """Record the message that shows chunk `index` (from 0), and its author."""
        rank, record, age, turn_id, *_ = _turn_args(turn)
        named = message_to_text(turn, message_id), int(MESSAGE_KEPT.total_seconds())
        async with self._store.reached():
            await self._chunk(
                keys=[keys.turn(turn.id), keys.UNFINISHED, keys.messages(message_id)],
                args=[f"{CHUNK}{index}", message_id, rank, record, age, turn_id, *named],
            )

    async def claim(self, turn: Turn, message_id: int) -> None:
        """Record the author of a message apart from the turn's answer: a poll, a file."""
        key = keys.messages(message_id)
        async with self._store.pipeline() as pipe:
            pipe.hset(key, str(message_id), message_to_text(turn, message_id, apart=True))
            pipe.expire(key, MESSAGE_KEPT)
            await pipe.execute()

    async def unfinished(self) -> list[Turn]:
        """Return the turns that are neither DONE nor CLOSED, oldest first; skip unreadable ones."""
        async with self._store.reached():
            rows: list[Any] = await self._unfinished(keys=[keys.UNFINISHED], args=[keys.turn("")])
        turns: list[Turn] = []
        for turn_id, flat in rows:
            try:
                turns.append(turn_from_fields(dict(zip(flat[::2], flat[1::2], strict=True))))
            except RecordError as error:
                log.error("setting turn %s aside, unreadable: %s", turn_id, error)  # noqa: TRY400 no trace needed
                await self._set_aside(turn_id)
        return turns

    async def turn(self, turn_id: str) -> Turn | None:
        """Return the turn of that id; None when it is missing or unreadable."""
        return (await self._turns([turn_id])).get(turn_id)

    async def turn_of(self, message_id: int) -> Turn | None:
        """Return the turn whose answer contains the message."""
        return (await self.turns_of([message_id])).get(message_id)

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        """Return message id → turn, for the messages that are part of an answer."""
        authors = await self.authors(message_ids)
        turns = await self._turns(sorted({turn_id for _, turn_id in authors.values()}))
        found = {message_id: turns.get(turn_id) for message_id, (_, turn_id) in authors.items()}
        return {message_id: turn for message_id, turn in found.items() if turn is not None}

    async def claimed_in(self, message_id: int) -> Turn | None:
        """Return the turn in which the message was sent apart from the answer: see `claim`."""
        _, turn_id = (await self.authors([message_id])).get(message_id, ("", ""))
        suffix = f":{message_id}"
        return await self.turn(turn_id.removesuffix(suffix)) if turn_id.endswith(suffix) else None

    async def speaker_of(self, message_id: int) -> str | None:
        """Return the key of the character that wrote the message; None for any other message."""
        found = await self.authors([message_id])
        return found[message_id][0] if message_id in found else None

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return message id → (character's key, `message_to_text`), for messages of characters."""
        if not message_ids:
            return {}
        spans: dict[str, list[int]] = defaultdict(list)
        for message_id in message_ids:
            spans[keys.messages(message_id)].append(message_id)
        async with self._store.pipeline(transaction=False) as pipe:
            for key, span in spans.items():
                pipe.hmget(key, [str(message_id) for message_id in span])
            pipe.mget([keys.message(message_id) for message_id in message_ids])
            *rows, old_format = await pipe.execute()
        texts: dict[int, str | None] = dict(zip(message_ids, old_format, strict=True))
        for span, row in zip(spans.values(), rows, strict=True):
            pairs = zip(span, row, strict=True)
            texts |= {message_id: text for message_id, text in pairs if text is not None}
        found: dict[int, tuple[str, str]] = {}
        for message_id, text in texts.items():
            try:
                if text is not None:
                    found[message_id] = message_from_text(message_id, text)
            except RecordError:
                log.exception("the record of message %s cannot be read", message_id)
        return found

    async def orders(self, turn_ids: Collection[str]) -> dict[str, int]:
        """Return turn id → position of the answer, 0 while unfinished; without unanswered turns."""
        turns = (await self._turns(sorted(turn_ids))).items()
        return {turn_id: turn.order for turn_id, turn in turns if turn.order or not turn.has_ended}

    async def session(self, seat: Seat) -> Session | None:
        """Return the seat's session; None when it is missing or unreadable."""
        async with self._store.reached() as redis:
            fields: dict[str, str] = await redis.hgetall(keys.session(seat))
        if not fields:
            return None
        try:
            return session_from_fields(fields, seat)
        except RecordError:
            log.exception("the session of %s is unreadable; its Codex thread is replaced", seat)
            return None

    async def keep_session(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, except its stale-from position."""
        await self._put(seat=seat, session=session)

    async def mend(self, seat: Seat, session: Session) -> None:
        """Write the seat's session, and clear its stale-from position unless it has changed."""
        await self._put(seat=seat, session=session, mended=session.cut)

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        """Mark the room's sessions as stale from the position `order` on: see the port."""
        async with self._store.reached():
            await self._cut(
                keys=[keys.seats(room_id)],
                args=[keys.sessions(room_id), order_to_text(order), spared or "", *asked],
            )

    async def drop_session(self, seat: Seat) -> None:
        """Delete the seat's session: its next turn starts a new Codex thread."""
        async with self._store.pipeline() as pipe:
            pipe.delete(keys.session(seat))
            pipe.srem(keys.seats(seat.room_id), seat.character)
            await pipe.execute()

    async def _turns(self, turn_ids: Sequence[str]) -> dict[str, Turn]:
        """Return turn id → turn, without missing and unreadable turns."""
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
        """Write a seat's turns and session atomically; `mended`: the stale-from mark to clear."""
        at = seat or turns[0].seat
        fields: list[str] = []
        if session is not None:
            fields = [text for pair in session_to_fields(session, at).items() for text in pair]
        messages = [
            (keys.messages(message_id), str(message_id), message_to_text(turn, message_id))
            for turn in turns
            if turn.state is TurnState.DONE
            for message_id in turn.chunks
        ]
        expiries = (int(SESSION_KEPT.total_seconds()), int(MESSAGE_KEPT.total_seconds()))
        args: list[str | float] = [len(fields), at.character, order_to_text(mended), *expiries]
        args += [len(messages), *fields]
        for _, message_id, text in messages:
            args += [message_id, text]
        for turn in turns:
            args += _turn_args(turn)
        all_keys = [keys.UNFINISHED, keys.session(at), keys.seats(at.room_id)]
        all_keys += [key for key, _, _ in messages]
        all_keys += [keys.turn(turn.id) for turn in turns]
        async with self._store.reached():
            # Not in a pipeline: redis-py would first look up the script, and leak the connection
            # when that fails.
            await self._write(keys=all_keys, args=args)

    async def _set_aside(self, turn_id: str) -> None:
        async with self._store.pipeline() as pipe:
            pipe.zrem(keys.UNFINISHED, turn_id)
            pipe.expire(keys.turn(turn_id), TURN_KEPT)
            await pipe.execute()


def _turn_args(turn: Turn) -> list[str | float]:
    rank = _RANK[turn.state]
    expiry = int(TURN_KEPT.total_seconds()) if rank == _ENDED else 0
    chunks = len(turn.chunks) if turn.state is TurnState.DONE else -1
    return [rank, turn_to_text(turn), _accepted(turn), turn.id, expiry, chunks]


def _accepted(turn: Turn) -> float:
    return turn.accepted_at.timestamp()
