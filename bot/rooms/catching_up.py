"""What was said while the bot was away: read from where each room was left, and heard now.

Owns the rooms' high-water marks. Discord replays what a resumed connection missed; after a restart
or a lost session it does not, and a mention would be lost. What was answered before is not answered
again: the ledger knows every turn that was accepted.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from bot.domain.room import Room
from bot.errors import DeliveryError, NotPermittedError, PlaceGoneError
from bot.rooms.casting import Casting
from bot.rooms.director import Director
from bot.rooms.hearing import Hearing
from bot.rooms.ports import Casts, Stage

log = logging.getLogger(__name__)

# Older talk has moved on: an answer to it would only puzzle.
TOO_OLD = timedelta(minutes=15)
# A room that was that lively meanwhile has other worries than the first of these.
MOST = 100


class CatchingUp:
    """The marks, and the reading after them.

    While there may be a gap no mark moves: what is said after the gap must not hide it.
    """

    def __init__(
        self,
        *,
        casting: Casting,
        casts: Casts,
        hearing: Hearing,
        stage: Stage,
        director: Director,
    ) -> None:
        self._casting = casting
        self._casts = casts
        self._hearing = hearing
        self._stage = stage
        self._director = director
        self._marks: dict[int, int] = {}
        self._fresh: dict[int, int] = {}
        self._behind = True
        self._caught_up: set[int] = set()
        # Rooms whose gap could not be read because Discord was down.
        self._unread = 0

    async def load(self) -> None:
        """Read the marks, before anything is heard."""
        self._marks = await self._casts.marks()

    def decided(self, room: Room, message_id: int) -> None:
        """A message needs nothing more of us; remembered at the next `write`."""
        if self._casting.has(room):
            self._fresh[room.id] = max(message_id, self._fresh.get(room.id, 0))

    def has_gap(self, room: Room) -> bool:
        """Whether something may have been said there that was not heard."""
        return self._may_lack(room.id)

    def _may_lack(self, room_id: int) -> bool:
        return self._behind and room_id in self._marks and room_id not in self._caught_up

    def lost_touch(self) -> None:
        """The connection is gone: there may be a gap, until `read` or `resumed`."""
        self._behind = True
        self._caught_up.clear()

    def resumed(self) -> None:
        """Discord has replayed what was missed: there is no gap."""
        self._behind = False
        for room in self._casting.rooms():
            self._director.release(room)

    async def write(self) -> None:
        """Write the marks that moved. What is lost by a crash is read once more, and known."""
        for room_id, message_id in list(self._fresh.items()):
            if self._may_lack(room_id):
                continue
            await self._casts.mark(room_id, message_id)
            self._marks[room_id] = max(message_id, self._marks.get(room_id, 0))
            if self._fresh.get(room_id) == message_id:
                del self._fresh[room_id]

    async def read(self) -> None:
        """Hear what every room has that was not seen. Safe to repeat."""
        self._unread = 0
        for room in self._casting.rooms():
            mark = self._marks.get(room.id)
            if mark is not None and self._may_have_more(room, mark):
                await self._read(room, mark)
            self._caught_up.add(room.id)
            self._director.release(room)
        self._behind = self._unread > 0

    async def again(self) -> None:
        """Read what could not be read; for a periodic task."""
        if self._unread:
            await self.read()

    def _may_have_more(self, room: Room, mark: int) -> bool:
        """The gateway tells the newest message of most places; where it did not, one asks."""
        newest = self._stage.newest(room)
        return newest is None or newest > mark

    async def _read(self, room: Room, mark: int) -> None:
        try:
            missed = await self._stage.history(room, after=mark, limit=MOST)
        except DeliveryError as error:
            log.warning("room %s: what was missed cannot be read: %s", room.id, error)
            if not isinstance(error, PlaceGoneError | NotPermittedError):
                self._unread += 1
            return
        since = datetime.now(UTC) - TOO_OLD
        recent = [one for one in missed if one.at >= since]
        # What is too old is not heard, so the log must not claim to be complete.
        self._hearing.forget(room.id)
        for utterance in recent:
            self._director.hear(room, utterance)
        if recent:
            log.info("room %s: %d messages were missed", room.id, len(recent))
