"""How far each room was read and decided on. Passive state: the backfill and the inbox write it.

Owns each room's committed offset (the newest message that is fully processed) and the missed
ranges: messages that may have been sent while there was no connection. The backfill reads the
missed ranges (`bot.rooms.recovery.backfill`); the dispatcher, thread sync and the stage only ask.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.room import Room
from bot.domain.utterance import snowflake_at
from bot.rooms.ports.casts import Casts
from bot.rooms.ports.clock import Clock
from bot.rooms.state.casting import Casting

# Older messages are not answered: the conversation has moved on.
TOO_OLD: Final = timedelta(minutes=15)
# Seconds that a room's new messages wait while its missed range cannot be read. Messages of the
# range come first, or the prompt of a new turn would contain them before they are decided on.
PATIENCE: Final = 60.0


@dataclass(slots=True)
class MissedRange:
    """The messages that may have been missed while there was no connection."""

    over: bool = False
    """Whether the range has been read in all rooms."""
    read: set[int] = field(default_factory=set)
    """Ids of the rooms in which it has been read."""

    def holds(self, room_id: int) -> bool:
        """Return whether a message of the room may be missing."""
        return not self.over and room_id not in self.read


@dataclass(frozen=True, slots=True)
class _PutOff:
    """A room whose missed range could not be read, and is retried."""

    room: Room
    until: float
    """When new messages of the room stop waiting for the range (monotonic seconds)."""


class Offsets:
    """The offsets of all rooms.

    While a room has a missed range its committed offset stands still: an offset after the range
    would hide the range. `patience` is how many seconds messages wait for a postponed range.
    """

    def __init__(
        self, *, casts: Casts, casting: Casting, clock: Clock, patience: float = PATIENCE
    ) -> None:
        self._casts = casts
        self._casting = casting
        self._clock = clock
        self.patience = patience
        self._committed: dict[int, int] = {}
        # Room id → newest message decided on that is not written to the store yet.
        self._pending: dict[int, int] = {}
        self._missed = MissedRange()
        # The missed range as it was when the connection was lost; None while connected.
        self._before: MissedRange | None = None
        # Rooms whose messages wait until their missed range is read.
        self._waiting: dict[int, Room] = {}
        # Rooms whose missed range could not be read: Discord or the store was down.
        self._put_off: dict[int, _PutOff] = {}

    async def load(self) -> None:
        """Read the committed offsets, before any message is processed. Idempotent."""
        for room_id, message_id in (await self._casts.marks()).items():
            self._commit(room_id, message_id)

    async def write(self) -> None:
        """Write the offsets that moved. After a crash some messages are read again; the ledger
        recognises their turns."""
        for room_id, message_id in list(self._pending.items()):
            if not self._is_whole(room_id):
                continue
            await self._casts.mark(room_id, message_id)
            self._commit(room_id, message_id)
            if self._pending.get(room_id) == message_id:
                del self._pending[room_id]

    # --- decided messages ---------------------------------------------------------------------

    def decided(self, room: Room, message_id: int) -> None:
        """Note that a message is fully processed; the next `write` stores the offset."""
        if not self._casting.has(room):
            return
        self._pending[room.id] = max(message_id, self._pending.get(room.id, 0))
        if self._is_whole(room.id):
            self._commit(room.id, message_id)

    def passed(self, room_id: int, message_id: int) -> bool:
        """Return whether a message as new as this was decided on, or this one is too old."""
        return message_id <= max(self.position(room_id), self._pending.get(room_id, 0))

    def position(self, room_id: int) -> int:
        """Return the room's committed offset, or the snowflake of `TOO_OLD` ago if newer."""
        horizon = snowflake_at(self._clock.now() - TOO_OLD)
        return max(self._committed.get(room_id, 0), horizon)

    def whole_upto(self, room: Room) -> int | None:
        """Return the message up to which all are processed; None if no message is missing."""
        return None if self._is_whole(room.id) else self.position(room.id)

    def silent(self, since: int, kept: Collection[int]) -> list[int]:
        """Return the ids of rooms, except `kept`, with an offset before the snowflake `since`."""
        offsets = self._committed.items()
        return [room_id for room_id, at in offsets if at < since and room_id not in kept]

    def forget(self, room_ids: Iterable[int]) -> None:
        """Drop the committed offsets of these rooms."""
        for room_id in room_ids:
            self._committed.pop(room_id, None)

    # --- missed ranges ------------------------------------------------------------------------

    @property
    def missed(self) -> MissedRange:
        """The current missed range."""
        return self._missed

    @property
    def is_connected(self) -> bool:
        """Whether no connection has been lost since the last one began."""
        return self._before is None

    def has_gap(self, room: Room) -> bool:
        """Return whether messages of the room must wait; a room that must is released later."""
        if self._missed.holds(room.id) or self.is_held(room.id):
            self._waiting[room.id] = room
            return True
        return False

    def lost_touch(self) -> None:
        """Begin a missed range, which `connected` or `resumed` ends."""
        self._before = self._before or self._missed
        # A backfill that still runs ends the previous range, not the new range.
        self._missed = MissedRange()

    def resumed(self) -> None:
        """Drop the missed range, which Discord has replayed. An older unread range stays."""
        self._missed, self._before = self._before or MissedRange(over=True), None

    def connected(self) -> MissedRange:
        """End the missed range at a new connection, and return it for the backfill."""
        self._before = None
        return self._missed

    def waiting(self) -> list[Room]:
        """Return the rooms whose messages wait."""
        return list(self._waiting.values())

    def release(self, room: Room) -> None:
        """Remove the room from the waiting rooms."""
        self._waiting.pop(room.id, None)

    def put_off(self, room: Room, missed: MissedRange) -> None:
        """Postpone the room's range: its offset waits for the read, messages for `patience`."""
        if room.id not in self._put_off:
            self._put_off[room.id] = _PutOff(room, time.monotonic() + self.patience)
        missed.read.add(room.id)

    def caught_up(self, room: Room, missed: MissedRange) -> None:
        """Note that the room's range has been read, or can never be read."""
        self._put_off.pop(room.id, None)
        missed.read.add(room.id)

    def read_later(self) -> list[Room]:
        """Return the rooms whose range was postponed."""
        return [put_off.room for put_off in self._put_off.values()]

    def is_put_off(self, room_id: int) -> bool:
        """Return whether the room's range was postponed."""
        return room_id in self._put_off

    def is_held(self, room_id: int) -> bool:
        """Return whether the room's messages still wait for a postponed range."""
        put_off = self._put_off.get(room_id)
        return put_off is not None and time.monotonic() < put_off.until

    def _commit(self, room_id: int, message_id: int) -> None:
        self._committed[room_id] = max(message_id, self._committed.get(room_id, 0))

    def _is_whole(self, room_id: int) -> bool:
        """Return whether no message of the room is missing: only then may its offset move."""
        return not self._missed.holds(room_id) and room_id not in self._put_off
