"""What was said while the bot was away: read from where each room was left, and heard now.

Owns the rooms' high-water marks. Discord replays what a resumed connection missed; after a restart
or an invalid session it does not, and a mention would be lost. What was answered before is not
answered again: the ledger knows every turn that was accepted.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from bot.domain.room import Room
from bot.errors import DeliveryError
from bot.rooms.casting import Casting
from bot.rooms.director import Director
from bot.rooms.ports import Casts, Stage

log = logging.getLogger(__name__)

# Older talk has moved on: an answer to it would only puzzle.
TOO_OLD = timedelta(minutes=15)
# A room that was that lively meanwhile has other worries than the first of these.
MOST = 100


class CatchingUp:
    """The marks, and the reading after them."""

    def __init__(self, *, casting: Casting, casts: Casts, stage: Stage, director: Director) -> None:
        self._casting = casting
        self._casts = casts
        self._stage = stage
        self._director = director
        self._fresh: dict[int, int] = {}
        self._closed = False

    def close(self) -> None:
        """Move no mark any more: what comes from now on is for the next process to hear."""
        self._closed = True

    def saw(self, room_id: int, message_id: int) -> None:
        """The gateway showed this message; remembered at the next `write`."""
        if not self._closed and self._casting.has(room_id):
            self._fresh[room_id] = max(message_id, self._fresh.get(room_id, 0))

    async def write(self) -> None:
        """Write the marks that moved. What is lost by a crash is read once more, and known."""
        fresh, self._fresh = self._fresh, {}
        for room_id, message_id in fresh.items():
            await self._casts.mark(room_id, message_id)

    async def read(self) -> None:
        """Hear what every room has that was not seen. Safe to repeat."""
        marks = await self._casts.marks()
        for room in self._casting.rooms():
            mark, newest = marks.get(room.id), self._stage.newest(room)
            if mark is not None and newest is not None and newest > mark:
                await self._read(room, mark)

    async def _read(self, room: Room, mark: int) -> None:
        try:
            missed = await self._stage.history(room, after=mark, limit=MOST)
        except DeliveryError as error:
            log.warning("room %s: what was missed cannot be read: %s", room.id, error)
            return
        since = datetime.now(UTC) - TOO_OLD
        recent = [one for one in missed if one.at >= since and one.speaker.character is None]
        if recent:
            log.info("room %s: %d messages were missed", room.id, len(recent))
        for utterance in recent:
            self._director.hear(room, utterance)
        if missed:
            self.saw(room.id, missed[-1].message_id)
