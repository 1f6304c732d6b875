"""What was said while the bot was away: read from where each room was left, and heard now.

Owns the reading; how far each room was read is kept in `bot.rooms.state.offsets`. Discord replays
what a resumed connection missed; after a restart or a lost session it does not, and a mention would
be lost. What was answered before is not answered again: the ledger knows every accepted turn.

Threads that inherit their cast are read too, new threads included: Discord lists the active threads
with each server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
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
from bot.rooms.cleanup import Cleanup
from bot.rooms.dispatch.dispatcher import Dispatcher
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.stage import Stage
from bot.rooms.recovery.crash_recovery import CrashRecovery
from bot.rooms.state.casting import Casting
from bot.rooms.state.offsets import MissedRange, Offsets
from bot.rooms.threads.drift import DriftDetector

log = logging.getLogger(__name__)

# Messages read of a room at most: a livelier room leaves its oldest ones unanswered. The record of
# decisions covers as many (`why.KEPT`).
MOST = 100
# Rooms read at once: their own talk waits for it, and Discord has a limit on requests.
READERS = 4
# Threads come and go: the offsets of those that inherit their cast are kept for so long.
THREADS_KEPT = timedelta(days=7)


class Backfill:
    """Reads missed ranges after each new connection; the offsets say where each room was left."""

    def __init__(
        self,
        *,
        casting: Casting,
        message_log: MessageLog,
        drift: DriftDetector,
        stage: Stage,
        dispatcher: Dispatcher,
        crash_recovery: CrashRecovery,
        cleanup: Cleanup,
        offsets: Offsets,
    ) -> None:
        self._casting = casting
        self._message_log = message_log
        self._drift = drift
        self._stage = stage
        self._dispatcher = dispatcher
        self._crash_recovery = crash_recovery
        self._cleanup = cleanup
        self._offsets = offsets
        # Whether what a dead process left unfinished is in hand.
        self._took_up = False

    def lost_touch(self) -> None:
        """Note that the connection is gone: messages may be missed until `read` or `resumed`."""
        self._offsets.lost_touch()

    def resumed(self) -> None:
        """Go on: Discord has replayed what was missed, but for a range that was missed before."""
        self._offsets.resumed()
        self._release(self._offsets.waiting())

    async def read(self) -> None:
        """Hear what every room missed before this connection. Safe to repeat."""
        missed = self._offsets.connected()
        # What was heard may have been edited or deleted meanwhile.
        self._message_log.forget_all()
        self._drift.begin()
        try:
            await self._read_all(self._rooms(), missed)
        finally:
            missed.over = True
            self._release(self._offsets.waiting())

    async def read_guild(self, guild_id: int) -> None:
        """Hear what a server's rooms missed: it was out of reach by itself, and is back."""
        rooms = [room for room in self._rooms() if room.guild_id == guild_id]
        for room in rooms:
            self._message_log.forget(room.id)
        self._drift.begin()
        await self._read_all(rooms, self._offsets.missed)

    async def again(self) -> None:
        """Read the ranges that could not be read; for a periodic task."""
        if (rooms := self._offsets.read_later()) and self._offsets.is_connected:
            await self._read_all(rooms, self._offsets.missed)
            self._release(self._offsets.waiting())

    async def prune(self) -> None:
        """Forget threads that have long been silent; for a periodic task."""
        kept = {room.id for room in self._casting.rooms()}
        since = snowflake_at(self._stage.now() - THREADS_KEPT)
        silent = self._offsets.silent(since, kept)
        await self._casting.let_go(silent)
        self._offsets.forget(silent)

    def _rooms(self) -> list[Room]:
        """Where somebody is who may have missed something.

        Of Discord threads only the active ones: speaking in an archived thread makes it active.
        """
        threads = self._stage.threads()
        active = {thread.id for thread in threads}
        rooms = self._casting.rooms()
        own = (room for room in rooms if room.parent_id is None or room.id in active)
        inheriting = (thread for thread in threads if self._casting.inherits(thread))
        return [room for room in (*own, *inheriting) if self._casting.has(room)]

    async def _read_all(self, rooms: Iterable[Room], missed: MissedRange) -> None:
        try:
            # A summons sets its room's offset: earlier messages are not for the new character.
            await self._offsets.load()
            if not self._took_up:
                # Before anything here is decided on: who is asked would be told of it as well.
                await self._crash_recovery.resume()
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
                if away:  # each further room would wait as long for the same error
                    self._offsets.put_off(room, missed)
                else:
                    away = not await self._read_up(room, missed)

        behind: list[Room] = []
        for room in rooms:
            if self._may_have_more(room):
                behind.append(room)
            else:
                self._caught_up_with(room, missed)
        await asyncio.gather(*(read(room) for room in behind))

    async def _read_up(self, room: Room, missed: MissedRange) -> bool:
        """Read one room's missed range, now or later; False when the store is away."""
        try:
            await self._read(room)
        except RoomGoneError:
            log.info("room %s was deleted meanwhile, and is forgotten", room.id)
            await self._cleanup.gone([room.id])
        except PlaceGoneError as error:
            log.warning("room %s: what was missed cannot be read: %s", room.id, error)
        except NotPermittedError as error:
            log.warning("room %s: what was missed may not be read: %s", room.id, error)
            if not self._offsets.is_put_off(room.id) or self._offsets.is_held(room.id):
                # It may be allowed again in a moment; a lasting refusal holds up no talk.
                self._offsets.put_off(room, missed)
                return True
        except (DeliveryError, StoreError) as error:
            log.warning("room %s: what was missed cannot be read now: %s", room.id, error)
            self._offsets.put_off(room, missed)
            return not isinstance(error, StoreError)
        self._caught_up_with(room, missed)
        return True

    def _caught_up_with(self, room: Room, missed: MissedRange) -> None:
        """Go on with a room of which nothing is missing any more, or will ever be read."""
        self._offsets.caught_up(room, missed)
        self._release([room])

    def _release(self, rooms: Iterable[Room]) -> None:
        for room in rooms:
            self._offsets.release(room)
            self._dispatcher.release(room)

    def _may_have_more(self, room: Room) -> bool:
        """Return whether to ask Discord: the gateway names the newest message of most places."""
        newest = self._stage.newest(room)
        return newest is None or newest > self._offsets.position(room.id)

    async def _read(self, room: Room) -> None:
        seen = self._offsets.position(room.id)
        # Words of characters that took long may have begun before, and came to their end behind.
        shown = await self._stage.history(room, after=begun_by(seen), limit=MOST)
        missed = [said for said in shown if said.order > seen]
        # What is too old is not heard, so the log must not claim to be complete.
        self._message_log.forget(room.id)
        for utterance in missed:
            self._dispatcher.hear(room, utterance, read=True)
        if missed:
            log.info("room %s: %d messages were missed", room.id, len(missed))
