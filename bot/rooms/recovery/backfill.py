"""Backfill: reads the messages that each room missed while the bot was away, from its offset on.

Owns the reading; `bot.rooms.state.offsets` keeps the offsets. Discord replays the events that a
resumed connection missed, but not after a restart or a lost session: a mention would be lost.
Nothing is answered twice, since the ledger knows every accepted turn.

Discord threads that inherit their cast are read too, including new ones: Discord lists the active
threads with each server.
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

# Most messages read of a room: in a busier room the oldest stay unanswered. The record of decisions
# covers as many (`why.KEPT`).
MOST = 100
# Rooms read at once: new messages of a room wait for its backfill, but Discord limits requests.
READERS = 4
# How long the offset of a silent Discord thread that inherits its cast is kept.
THREADS_KEPT = timedelta(days=7)


class Backfill:
    """Reads missed ranges after each new connection, starting from the committed offsets."""

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
        # Whether the unfinished turns of a previous process were resumed.
        self._has_resumed_turns = False

    def lost_touch(self) -> None:
        """Note that the connection is lost: messages may be missed until `read` or `resumed`."""
        self._offsets.lost_touch()

    def resumed(self) -> None:
        """Continue after Discord has replayed the missed events; older missed ranges stay."""
        self._offsets.resumed()
        self._release(self._offsets.waiting())

    async def read(self) -> None:
        """Read the messages that every room missed before this connection. Idempotent."""
        missed = self._offsets.connected()
        # Logged messages may have been edited or deleted meanwhile.
        self._message_log.forget_all()
        self._drift.begin()
        try:
            await self._read_all(self._rooms(), missed)
        finally:
            missed.over = True
            self._release(self._offsets.waiting())

    async def read_guild(self, guild_id: int) -> None:
        """Read the missed messages of a server that was unavailable and is back."""
        rooms = [room for room in self._rooms() if room.guild_id == guild_id]
        for room in rooms:
            self._message_log.forget(room.id)
        self._drift.begin()
        await self._read_all(rooms, self._offsets.missed)

    async def again(self) -> None:
        """Retry the ranges that could not be read; for a periodic task."""
        if (rooms := self._offsets.read_later()) and self._offsets.is_connected:
            await self._read_all(rooms, self._offsets.missed)
            self._release(self._offsets.waiting())

    async def prune(self) -> None:
        """Drop the offsets of long silent Discord threads; for a periodic task."""
        kept = {room.id for room in self._casting.rooms()}
        since = snowflake_at(self._stage.now() - THREADS_KEPT)
        silent = self._offsets.silent(since, kept)
        await self._casting.let_go(silent)
        self._offsets.forget(silent)

    def _rooms(self) -> list[Room]:
        """Return the rooms with characters that may have missed messages.

        Only active Discord threads: a message in an archived thread makes it active.
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
            if not self._has_resumed_turns:
                # Before any missed message is decided on: the prompt of a resumed turn must end
                # before the missed messages, which are answered by turns of their own.
                await self._crash_recovery.resume()
                self._has_resumed_turns = True
        except StoreError as error:
            log.warning("cannot read missed messages now: %s", error)
            is_store_away = True
        else:
            is_store_away = False
        readers = asyncio.Semaphore(READERS)

        async def read(room: Room) -> None:
            nonlocal is_store_away
            async with readers:
                if is_store_away:  # each further room would wait as long for the same error
                    self._offsets.put_off(room, missed)
                else:
                    is_store_away = not await self._read_up(room, missed)

        behind: list[Room] = []
        for room in rooms:
            if self._may_have_more(room):
                behind.append(room)
            else:
                self._caught_up_with(room, missed)
        await asyncio.gather(*(read(room) for room in behind))

    async def _read_up(self, room: Room, missed: MissedRange) -> bool:
        """Read a room's missed range, or postpone it; return False if the store is away."""
        try:
            await self._read(room)
        except RoomGoneError:
            log.info("room %s was deleted meanwhile: dropping its state", room.id)
            await self._cleanup.gone([room.id])
        except PlaceGoneError as error:
            log.warning("room %s: cannot read missed messages: %s", room.id, error)
        except NotPermittedError as error:
            log.warning("room %s: no permission to read missed messages: %s", room.id, error)
            if not self._offsets.is_put_off(room.id) or self._offsets.is_held(room.id):
                # The refusal may be transient; a lasting refusal must not hold up new messages.
                self._offsets.put_off(room, missed)
                return True
        except (DeliveryError, StoreError) as error:
            log.warning("room %s: cannot read missed messages now: %s", room.id, error)
            self._offsets.put_off(room, missed)
            return not isinstance(error, StoreError)
        self._caught_up_with(room, missed)
        return True

    def _caught_up_with(self, room: Room, missed: MissedRange) -> None:
        """Release a room whose missed range has been read, or can never be read."""
        self._offsets.caught_up(room, missed)
        self._release([room])

    def _release(self, rooms: Iterable[Room]) -> None:
        for room in rooms:
            self._offsets.release(room)
            self._dispatcher.release(room)

    def _may_have_more(self, room: Room) -> bool:
        """Return whether to ask Discord: the gateway tells the newest message of most places."""
        newest = self._stage.newest(room)
        return newest is None or newest > self._offsets.position(room.id)

    async def _read(self, room: Room) -> None:
        seen = self._offsets.position(room.id)
        # A long answer of a character may have started before `seen` and finished after it.
        shown = await self._stage.history(room, after=begun_by(seen), limit=MOST)
        missed = [utterance for utterance in shown if utterance.order > seen]
        # Messages that are too old are not logged, so the log must not claim to be complete.
        self._message_log.forget(room.id)
        for utterance in missed:
            self._dispatcher.hear(room, utterance, read=True)
        if missed:
            log.info("room %s: %d messages were missed", room.id, len(missed))
