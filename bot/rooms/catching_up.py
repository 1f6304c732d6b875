"""What was said while the bot was away: read from where each room was left, and heard now.

Owns the rooms' high-water marks. Discord replays what a resumed connection missed; after a restart
or a lost session it does not, and a mention would be lost. What was answered before is not answered
again: the ledger knows every turn that was accepted.

A thread that inherits its cast is read as well, also one that was opened meanwhile: Discord tells
the active threads with each server.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.room import Room
from bot.domain.utterance import begun_by, snowflake_at
from bot.errors import (
    DeliveryError,
    NotPermittedError,
    PlaceGoneError,
    RoomGoneError,
    StoreError,
)
from bot.rooms.casting import Casting
from bot.rooms.director import Director
from bot.rooms.hearing import Hearing
from bot.rooms.ports import Casts, Stage
from bot.rooms.taking_up import TakingUp
from bot.rooms.unseen import UnseenChanges

log = logging.getLogger(__name__)

# Older talk has moved on: an answer to it would only puzzle.
TOO_OLD = timedelta(minutes=15)
# A room that was that lively meanwhile has other worries than the first of these. What was decided
# of them is known by `why.KEPT`.
MOST = 100
# Rooms read at once: their own talk waits for it, and Discord has a limit on requests.
READERS = 4
# The talk of a room whose gap cannot be read waits so long for that, in seconds: what was said in
# the gap comes first, or whoever is asked now is told of it before it is decided on.
PATIENCE = 60.0
# Threads come and go: the marks of those that inherit their cast are kept for so long.
THREADS_KEPT = timedelta(days=7)


@dataclass(slots=True)
class _Gap:
    """What one connection may not have heard, but for the rooms that were `read` since."""

    over: bool = False
    read: set[int] = field(default_factory=set)

    def holds(self, room_id: int) -> bool:
        """Whether something of that room may be missing."""
        return not self.over and room_id not in self.read


@dataclass(frozen=True, slots=True)
class _Unread:
    """A room whose gap is read later, and until when its talk waits for that (monotonic)."""

    room: Room
    until: float


class CatchingUp:
    """The marks, and the reading after them. `on_gone` is told of rooms that Discord has not.

    While there may be a gap no mark moves: what is said after the gap must not hide it.
    """

    def __init__(
        self,
        *,
        casting: Casting,
        casts: Casts,
        hearing: Hearing,
        unseen: UnseenChanges,
        stage: Stage,
        director: Director,
        taking_up: TakingUp,
        on_gone: Callable[[Sequence[int]], Awaitable[None]],
        patience: float = PATIENCE,
    ) -> None:
        self._casting = casting
        self._casts = casts
        self._hearing = hearing
        self._unseen = unseen
        self._stage = stage
        self._director = director
        self._taking_up = taking_up
        self._on_gone = on_gone
        self._marks: dict[int, int] = {}
        self._fresh: dict[int, int] = {}
        self._gap = _Gap()
        # The gap as it was when the connection was lost; None while there is one.
        self._before: _Gap | None = None
        # Rooms whose talk waits until their gap is read.
        self._waiting: dict[int, Room] = {}
        # Those whose gap could not be read: Discord or the store was down.
        self._unread: dict[int, _Unread] = {}
        # Whether what a dead process left unfinished is in hand.
        self._took_up = False
        self._patience = patience

    async def load(self) -> None:
        """Read the marks, before anything is heard. Safe to repeat."""
        for room_id, message_id in (await self._casts.marks()).items():
            self._move(room_id, message_id)

    def decided(self, room: Room, message_id: int) -> None:
        """A message needs nothing more of us; remembered at the next `write`."""
        if not self._casting.has(room):
            return
        self._fresh[room.id] = max(message_id, self._fresh.get(room.id, 0))
        if self._is_whole(room.id):
            self._move(room.id, message_id)

    def passed(self, room_id: int, message_id: int) -> bool:
        """Whether that message, or a later one, was decided on, or is too old for that."""
        return message_id <= max(self._seen(room_id), self._fresh.get(room_id, 0))

    def whole_upto(self, room: Room) -> int | None:
        """Up to which message all was heard there and decided on; None where nothing is missing."""
        return None if self._is_whole(room.id) else self._seen(room.id)

    def has_gap(self, room: Room) -> bool:
        """Whether something may have been said there that was not heard; it will be released."""
        if self._gap.holds(room.id) or self._is_held(room.id):
            self._waiting[room.id] = room
            return True
        return False

    def lost_touch(self) -> None:
        """The connection is gone: there may be a gap, until `read` or `resumed`."""
        self._before = self._before or self._gap
        # A reading that still runs ends the gap before, not this one.
        self._gap = _Gap()

    def resumed(self) -> None:
        """Discord has replayed what was missed: there is no gap but one that was there before."""
        self._gap, self._before = self._before or _Gap(over=True), None
        self._release(list(self._waiting.values()))

    async def write(self) -> None:
        """Write the marks that moved. What is lost by a crash is read once more, and known."""
        for room_id, message_id in list(self._fresh.items()):
            if not self._is_whole(room_id):
                continue
            await self._casts.mark(room_id, message_id)
            self._move(room_id, message_id)
            if self._fresh.get(room_id) == message_id:
                del self._fresh[room_id]

    async def read(self) -> None:
        """There is a new connection: hear what every room has that was not seen. Safe to repeat."""
        gap, self._before = self._gap, None
        # What was heard may have been edited or deleted meanwhile.
        self._hearing.forget_all()
        self._unseen.begin()
        try:
            await self._read_all(self._rooms(), gap)
        finally:
            gap.over = True
            self._release(list(self._waiting.values()))

    async def read_guild(self, guild_id: int) -> None:
        """A server was out of reach for itself, and is back: hear what its rooms have."""
        rooms = [room for room in self._rooms() if room.guild_id == guild_id]
        for room in rooms:
            self._hearing.forget(room.id)
        self._unseen.begin()
        await self._read_all(rooms, self._gap)

    async def again(self) -> None:
        """Read what could not be read; for a periodic task."""
        if self._unread and self._before is None:
            await self._read_all([one.room for one in self._unread.values()], self._gap)
            self._release(list(self._waiting.values()))

    async def prune(self) -> None:
        """Forget threads that have long been silent; for a periodic task."""
        kept = {room.id for room in self._casting.rooms()}
        since = snowflake_at(self._stage.now() - THREADS_KEPT)
        silent = [
            room_id for room_id, mark in self._marks.items() if mark < since and room_id not in kept
        ]
        await self._casting.let_go(silent)
        for room_id in silent:
            self._marks.pop(room_id, None)

    def _move(self, room_id: int, message_id: int) -> None:
        self._marks[room_id] = max(message_id, self._marks.get(room_id, 0))

    def _is_whole(self, room_id: int) -> bool:
        """Whether all that was said there was heard: only then its mark may move."""
        return not self._gap.holds(room_id) and room_id not in self._unread

    def _rooms(self) -> list[Room]:
        """Where somebody is who may have missed something.

        Of threads the active ones: whoever speaks in an archived one makes it active.
        """
        threads = self._stage.threads()
        active = {thread.id for thread in threads}
        own = (one for one in self._casting.rooms() if one.parent_id is None or one.id in active)
        inheriting = (one for one in threads if self._casting.inherits(one))
        return [one for one in (*own, *inheriting) if self._casting.has(one)]

    async def _read_all(self, rooms: Iterable[Room], gap: _Gap) -> None:
        try:
            # A summons marks its room: what was said before it is not for the one that came.
            await self.load()
            if not self._took_up:
                # Before anything here is decided on: who is asked would be told of it as well.
                await self._taking_up.resume()
                self._took_up = True
        except StoreError as error:
            log.warning("what was missed cannot be read now: %s", error)
            away = True
        else:
            away = False
        places = asyncio.Semaphore(READERS)

        async def read(room: Room) -> None:
            nonlocal away
            async with places:
                if away:  # it would take each of them as long to find that out
                    self._put_off(room, gap)
                else:
                    away = not await self._read_up(room, gap)

        behind: list[Room] = []
        for room in rooms:
            if self._may_have_more(room):
                behind.append(room)
            else:
                self._caught_up_with(room, gap)
        await asyncio.gather(*(read(room) for room in behind))

    async def _read_up(self, room: Room, gap: _Gap) -> bool:
        """Read one room's gap, now or later; False when the store is away."""
        try:
            await self._read(room)
        except RoomGoneError:
            log.info("room %s was deleted meanwhile, and is forgotten", room.id)
            await self._on_gone([room.id])
        except PlaceGoneError as error:
            log.warning("room %s: what was missed cannot be read: %s", room.id, error)
        except NotPermittedError as error:
            log.warning("room %s: what was missed may not be read: %s", room.id, error)
            if room.id not in self._unread or self._is_held(room.id):
                # It may be allowed again in a moment; where it stays so, nothing is waited for.
                self._put_off(room, gap)
                return True
        except (DeliveryError, StoreError) as error:
            log.warning("room %s: what was missed cannot be read now: %s", room.id, error)
            self._put_off(room, gap)
            return not isinstance(error, StoreError)
        self._caught_up_with(room, gap)
        return True

    def _put_off(self, room: Room, gap: _Gap) -> None:
        """Its gap is read later: its mark waits for that, and its talk for a while."""
        if room.id not in self._unread:
            self._unread[room.id] = _Unread(room, time.monotonic() + self._patience)
        gap.read.add(room.id)

    def _caught_up_with(self, room: Room, gap: _Gap) -> None:
        """There is no gap any more, or none that will ever be read."""
        self._unread.pop(room.id, None)
        gap.read.add(room.id)
        self._release([room])

    def _is_held(self, room_id: int) -> bool:
        unread = self._unread.get(room_id)
        return unread is not None and time.monotonic() < unread.until

    def _release(self, rooms: Iterable[Room]) -> None:
        for room in rooms:
            self._waiting.pop(room.id, None)
            self._director.release(room)

    def _seen(self, room_id: int) -> int:
        """The newest message there that needs nothing more of us, as far as it matters."""
        horizon = snowflake_at(self._stage.now() - TOO_OLD)
        return max(self._marks.get(room_id, 0), horizon)

    def _may_have_more(self, room: Room) -> bool:
        """The gateway tells the newest message of most places; where it did not, one asks."""
        newest = self._stage.newest(room)
        return newest is None or newest > self._seen(room.id)

    async def _read(self, room: Room) -> None:
        seen = self._seen(room.id)
        # Words of characters that took long may have begun before, and came to their end behind.
        shown = await self._stage.history(room, after=begun_by(seen), limit=MOST)
        missed = [one for one in shown if one.order > seen]
        # What is too old is not heard, so the log must not claim to be complete.
        self._hearing.forget(room.id)
        for utterance in missed:
            self._director.hear(room, utterance, read=True)
        if missed:
            log.info("room %s: %d messages were missed", room.id, len(missed))
