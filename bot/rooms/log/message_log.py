"""The log of recent messages of each room, in memory. Discord keeps the rest of the history.

A request for a channel's history counts against its rate limit, so messages are kept as they
arrive. A room's log knows after which position it is complete. It holds each message in its newest
wording, and no deleted messages.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence

from bot.domain.room import Room
from bot.domain.utterance import Attachment, SpeakerKind, Utterance, begun_by
from bot.errors import NotPermittedError
from bot.rooms.log.revisions import Revisions, requoted
from bot.rooms.ports.stage import Stage

log = logging.getLogger(__name__)

# Messages in a room's log: enough for those between two turns of a lively room.
ROOM_LIMIT = 64
# Rooms with a log; the room that has been silent for longest is evicted.
ROOMS_LIMIT = 1_000
# Messages to request from Discord when a seat's Codex thread is behind the start of the log.
BACKLOG_LIMIT = 100


class MessageLog:
    """The rooms' logs. Messages are found by id; ids grow with time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._logs: OrderedDict[int, _RoomLog] = OrderedDict()
        self._revisions = Revisions()

    def hear(self, utterance: Utterance) -> None:
        """Add a new message in its newest wording, unless it has been deleted meanwhile."""
        newest = self._revisions.current(utterance)
        if newest is None:
            return
        room_log = self._logs.get(newest.room_id)
        if room_log is None:
            room_log = self._logs[newest.room_id] = _RoomLog(complete_after=newest.order - 1)
            if len(self._logs) > ROOMS_LIMIT:
                self._logs.popitem(last=False)
        self._logs.move_to_end(newest.room_id)
        room_log.add(newest)

    def current(self, utterance: Utterance) -> Utterance | None:
        """Return `utterance` in its newest wording; None if it was deleted."""
        return self._revisions.current(utterance)

    def newest_wording(self, talk: Sequence[Utterance]) -> list[Utterance]:
        """Return `talk` in its newest wording, without deleted messages."""
        return self._revisions.newest(talk)

    def amend(self, said: Utterance) -> bool:
        """Record that a message was edited to `said`; False if the log has that text already."""
        room_log = self._logs.get(said.room_id)
        old = room_log.messages.get(said.message_id) if room_log is not None else None
        if old is not None and old.reads_as(said):
            return False
        self._revisions.edited(said)
        if room_log is not None:
            if old is not None and (newest := self.current(old)) is not None:
                room_log.messages[said.message_id] = newest
            room_log.requote((said.message_id,), said.text, said.attachments)
        return True

    def enrich(self, said: Utterance) -> None:
        """Add the link previews that Discord has made for a message; nobody edited the message."""
        room_log = self._logs.get(said.room_id)
        old = room_log.messages.get(said.message_id) if room_log is not None else None
        if room_log is not None and old is not None and old.excerpts != said.excerpts:
            room_log.messages[said.message_id] = dataclasses.replace(old, excerpts=said.excerpts)

    def reword(self, utterance: Utterance) -> None:
        """Replace an answer by its new text, at the same position."""
        room_log = self._logs.get(utterance.room_id)
        if room_log is None:
            return
        room_log.requote((utterance.message_id,), utterance.text, utterance.attachments)
        if utterance.message_id in room_log.messages:
            room_log.messages[utterance.message_id] = utterance
        elif utterance.order > room_log.complete_after:
            # The answer has a new first message, because the old message could not be edited.
            self.forget(utterance.room_id)

    def unsay(self, room_id: int, message_ids: Collection[int]) -> None:
        """Remove deleted messages, and their text from replies that quote them."""
        self._revisions.deleted(message_ids)
        room_log = self._logs.get(room_id)
        if room_log is not None:
            for message_id in message_ids:
                room_log.messages.pop(message_id, None)
            room_log.requote(message_ids, "", ())

    def forget(self, room_id: int) -> None:
        """Drop a room's log: the next prompt needs a request to Discord."""
        self._logs.pop(room_id, None)

    def forget_all(self) -> None:
        """Drop all logs and wordings, because edits and deletions may have been missed."""
        self._logs.clear()
        self._revisions.forget_wordings()

    def latest(self, room_id: int) -> int:
        """Return the position of the last message in the log; 0 if the log is empty."""
        room_log = self._logs.get(room_id)
        messages = room_log.messages.values() if room_log is not None else ()
        return max((said.order for said in messages), default=0)

    def has(self, utterance: Utterance) -> bool:
        """Return whether the log holds the message, so that it was not only read from Discord."""
        room_log = self._logs.get(utterance.room_id)
        return room_log is not None and utterance.message_id in room_log.messages

    def lately(self, room_id: int) -> list[Utterance]:
        """Return all messages in the room's log, by position."""
        room_log = self._logs.get(room_id)
        return room_log.in_order() if room_log is not None else []

    def newest(self, room_id: int) -> int:
        """Return the id of the newest message that no character wrote; 0 if the log has none."""
        room_log = self._logs.get(room_id)
        messages = room_log.messages.values() if room_log is not None else ()
        others = (said for said in messages if said.speaker.kind is not SpeakerKind.CHARACTER)
        return max((said.message_id for said in others), default=0)

    async def since(self, room: Room, cursor: int) -> list[Utterance]:
        """Return the messages after the position `cursor`, by position."""
        room_log = self._logs.get(room.id)
        if room_log is None:
            return await self._read(room, cursor)
        kept = {said.message_id: said for said in room_log.messages.values() if said.order > cursor}
        if cursor < room_log.complete_after:
            # An answer that was streamed slowly may start before `complete_after`. The log holds
            # the whole answer, so the log's entry wins.
            older = await self._read(room, cursor, room_log.complete_after + 1)
            kept = {said.message_id: said for said in older} | kept
        return sorted(kept.values(), key=_position)

    async def _read(self, room: Room, cursor: int, before: int | None = None) -> list[Utterance]:
        try:
            read = await self._stage.history(
                room, after=begun_by(cursor), before=before, limit=BACKLOG_LIMIT
            )
        except NotPermittedError as refused:
            log.info("room %s: its history cannot be read, only new messages: %s", room.id, refused)
            return []
        return [said for said in self.newest_wording(read) if said.order > cursor]


class _RoomLog:
    """A room's newest messages by id, and the position after which none is missing."""

    def __init__(self, complete_after: int) -> None:
        self.complete_after = complete_after
        self.messages: dict[int, Utterance] = {}

    def add(self, utterance: Utterance) -> None:
        """Add a message, and evict the oldest beyond `ROOM_LIMIT`."""
        self.messages[utterance.message_id] = utterance
        while len(self.messages) > ROOM_LIMIT:
            oldest = self.in_order()[0]
            del self.messages[oldest.message_id]
            self.complete_after = max(self.complete_after, oldest.order)

    def requote(
        self, message_ids: Collection[int], text: str, files: tuple[Attachment, ...]
    ) -> None:
        """Set the quoted text and files in all replies to these messages."""
        for message_id, said in self.messages.items():
            if said.reply_to in message_ids:
                self.messages[message_id] = requoted(said, text, files)

    def in_order(self) -> list[Utterance]:
        """Return all messages, by position."""
        return sorted(self.messages.values(), key=_position)


def _position(said: Utterance) -> int:
    return said.order
