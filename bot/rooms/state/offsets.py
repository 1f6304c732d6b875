"""How far each room was read and decided on. Passive state: the backfill and the inbox write it.

Owns the committed offset of each room (the newest message that needs nothing more of us) and the
missed ranges: what may have been said while there was no connection. The backfill reads the missed
ranges (`bot.rooms.recovery.backfill`); the director, the recollection and the stage only ask.
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

# Older talk has moved on: an answer to it would only puzzle.
TOO_OLD: Final = timedelta(minutes=15)
# Seconds for which the talk of a room waits when its missed range cannot be read: what was said in
# that range comes first, or a character that is asked now is told of it before it is decided on.
PATIENCE: Final = 60.0


@dataclass(slots=True)
class MissedRange:
    """The messages that may have been missed while there was no connection."""

    over: bool = False
    """Whether nothing is missing any more, in any room."""
    read: set[int] = field(default_factory=set)
    """Ids of the rooms that were read since."""

    def holds(self, room_id: int) -> bool:
        """Return whether a message of that room may be missing."""
        return not self.over and room_id not in self.read


@dataclass(frozen=True, slots=True)
class _PutOff:
    """A room whose missed range is read later."""

    room: Room
    until: float
    """Until when its talk waits for that (monotonic seconds)."""


class Offsets:
    """The offsets of all rooms. `patience` is how long talk waits for a range that is put off.

    While a message may be missing in a room its committed offset stands still: a message after the
    missed range must not hide the range.
    """

    def __init__(
        self, *, casts: Casts, casting: Casting, clock: Clock, patience: float = PATIENCE
    ) -> None:
        self._casts = casts
        self._casting = casting
        self._clock = clock
        self.patience = patience
        self._committed: dict[int, int] = {}
        # Decided on, and not written to the store yet.
        self._pending: dict[int, int] = {}
        self._missed = MissedRange()
        # The missed range as it was when the connection was lost; None while connected.
        self._before: MissedRange | None = None
        # Rooms whose talk waits until their missed range is read.
        self._waiting: dict[int, Room] = {}
        # Rooms whose missed range could not be read: Discord or the store was down.
        self._put_off: dict[int, _PutOff] = {}

    async def load(self) -> None:
        """Read the committed offsets, before anything is heard. Safe to repeat."""
        for room_id, message_id in (await self._casts.marks()).items():
            self._commit(room_id, message_id)

    async def write(self) -> None:
        """Write the offsets that moved. A message lost by a crash is read once more, and known."""
        for room_id, message_id in list(self._pending.items()):
            if not self._is_whole(room_id):
                continue
            await self._casts.mark(room_id, message_id)
            self._commit(room_id, message_id)
            if self._pending.get(room_id) == message_id:
                del self._pending[room_id]

    # --- what was decided on ------------------------------------------------------------------

    def decided(self, room: Room, message_id: int) -> None:
        """Note that a message needs nothing more of us; it is stored by the next `write`."""
        if not self._casting.has(room):
            return
        self._pending[room.id] = max(message_id, self._pending.get(room.id, 0))
        if self._is_whole(room.id):
            self._commit(room.id, message_id)

    def passed(self, room_id: int, message_id: int) -> bool:
        """Return whether that message or a later one was decided on, or is too old for it."""
        return message_id <= max(self.position(room_id), self._pending.get(room_id, 0))

    def position(self, room_id: int) -> int:
        """Return the newest message there that needs nothing more of us, as far as it matters."""
        horizon = snowflake_at(self._clock.now() - TOO_OLD)
        return max(self._committed.get(room_id, 0), horizon)

    def whole_upto(self, room: Room) -> int | None:
        """Return up to which message all was heard and decided on; None if nothing is missing."""
        return None if self._is_whole(room.id) else self.position(room.id)

    def silent(self, since: int, kept: Collection[int]) -> list[int]:
        """Return the rooms whose offset is older than the snowflake `since`, but for `kept`."""
        offsets = self._committed.items()
        return [room_id for room_id, at in offsets if at < since and room_id not in kept]

    def forget(self, room_ids: Iterable[int]) -> None:
        """Drop the committed offsets of these rooms."""
        for room_id in room_ids:
            self._committed.pop(room_id, None)

    # --- what was missed ----------------------------------------------------------------------

    @property
    def missed(self) -> MissedRange:
        """The range that may be missing now."""
        return self._missed

    @property
    def is_connected(self) -> bool:
        """Whether no connection has been lost since the last one began."""
        return self._before is None

    def has_gap(self, room: Room) -> bool:
        """Return whether a message may be missing there; if so, the room is released later."""
        if self._missed.holds(room.id) or self.is_held(room.id):
            self._waiting[room.id] = room
            return True
        return False

    def lost_touch(self) -> None:
        """Begin a missed range, until `connected` or `resumed`."""
        self._before = self._before or self._missed
        # A backfill that still runs ends the previous range, not the new range.
        self._missed = MissedRange()

    def resumed(self) -> None:
        """Drop the range of a lost connection: Discord has replayed it. An older one stays."""
        self._missed, self._before = self._before or MissedRange(over=True), None

    def connected(self) -> MissedRange:
        """Return the range that is to be read now that there is a new connection."""
        self._before = None
        return self._missed

    def waiting(self) -> list[Room]:
        """Return the rooms whose talk waits."""
        return list(self._waiting.values())

    def release(self, room: Room) -> None:
        """Let the room's talk go on."""
        self._waiting.pop(room.id, None)

    def put_off(self, room: Room, missed: MissedRange) -> None:
        """Have the room's range read later: the offset waits for the read, the talk for a while."""
        if room.id not in self._put_off:
            self._put_off[room.id] = _PutOff(room, time.monotonic() + self.patience)
        missed.read.add(room.id)

    def caught_up(self, room: Room, missed: MissedRange) -> None:
        """Note that nothing of the room is missing any more, or will ever be read."""
        self._put_off.pop(room.id, None)
        missed.read.add(room.id)

    def read_later(self) -> list[Room]:
        """Return the rooms whose range was put off."""
        return [put_off.room for put_off in self._put_off.values()]

    def is_put_off(self, room_id: int) -> bool:
        """Return whether the room's range is read later."""
        return room_id in self._put_off

    def is_held(self, room_id: int) -> bool:
        """Return whether the room's talk still waits for a range that was put off."""
        put_off = self._put_off.get(room_id)
        return put_off is not None and time.monotonic() < put_off.until

    def _commit(self, room_id: int, message_id: int) -> None:
        self._committed[room_id] = max(message_id, self._committed.get(room_id, 0))

    def _is_whole(self, room_id: int) -> bool:
        """Return whether all that was said there was heard: only then its offset may move."""
        return not self._missed.holds(room_id) and room_id not in self._put_off
