"""What each room heard lately, in memory. Owns the log; Discord stays the source of the rest.

Reading a channel's history costs a request and a place in its rate limit, so what arrives is kept
for as long as it is likely to be asked for. A log knows from which message on it is complete.
What was edited or deleted since it was said is told in its newest wording, or not at all.
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

# A room's log: enough for what passes between two turns of a lively room.
ROOM_LIMIT = 64
# Rooms kept at once; the one that was silent longest goes first.
ROOMS_LIMIT = 1_000
# Asked of Discord when a seat has not heard for longer than the log goes back.
BACKLOG_LIMIT = 100


class MessageLog:
    """The rooms' logs. An utterance is found by its message id; ids grow with time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._logs: OrderedDict[int, _Log] = OrderedDict()
        self._revisions = Revisions()

    def hear(self, utterance: Utterance) -> None:
        """Add what was just said, unless it was deleted meanwhile."""
        newest = self._revisions.current(utterance)
        if newest is None:
            return
        utterance = newest
        log = self._logs.get(utterance.room_id)
        if log is None:
            log = self._logs[utterance.room_id] = _Log(complete_after=utterance.order - 1)
            if len(self._logs) > ROOMS_LIMIT:
                self._logs.popitem(last=False)
        self._logs.move_to_end(utterance.room_id)
        log.add(utterance)

    def current(self, utterance: Utterance) -> Utterance | None:
        """`utterance` in its newest wording; None once it was deleted."""
        return self._revisions.current(utterance)

    def newest_wording(self, talk: Sequence[Utterance]) -> list[Utterance]:
        """`talk` in its newest wording, without what was deleted."""
        return self._revisions.newest(talk)

    def amend(self, said: Utterance) -> bool:
        """What was said was edited to `said`; False when it is known to read so already."""
        log = self._logs.get(said.room_id)
        old = log.said.get(said.message_id) if log is not None else None
        if old is not None and old.reads_as(said):
            return False
        self._revisions.edited(said)
        if log is not None:
            if old is not None and (newest := self.current(old)) is not None:
                log.said[said.message_id] = newest
            log.requote((said.message_id,), said.text, said.attachments)
        return True

    def enrich(self, said: Utterance) -> None:
        """A message shows more than before, though nobody edited it: a preview of its link."""
        log = self._logs.get(said.room_id)
        old = log.said.get(said.message_id) if log is not None else None
        if log is not None and old is not None and old.excerpts != said.excerpts:
            log.said[said.message_id] = dataclasses.replace(old, excerpts=said.excerpts)

    def reword(self, utterance: Utterance) -> None:
        """What was said before is said in another way, where it stood."""
        log = self._logs.get(utterance.room_id)
        if log is None:
            return
        log.requote((utterance.message_id,), utterance.text, utterance.attachments)
        if utterance.message_id in log.said:
            log.said[utterance.message_id] = utterance
        elif utterance.order > log.complete_after:
            # It stands in another message now, since the first could not be changed any more.
            self.forget(utterance.room_id)

    def unsay(self, room_id: int, message_ids: Collection[int]) -> None:
        """What was said was deleted: it is not told again, not even by who quoted it."""
        self._revisions.deleted(message_ids)
        log = self._logs.get(room_id)
        if log is not None:
            for message_id in message_ids:
                log.said.pop(message_id, None)
            log.requote(message_ids, "", ())

    def forget(self, room_id: int) -> None:
        """Drop a room's log: the next question goes to Discord."""
        self._logs.pop(room_id, None)

    def forget_all(self) -> None:
        """Drop every log: what was said may read otherwise now."""
        self._logs.clear()
        self._revisions.forget_wordings()

    def latest(self, room_id: int) -> int:
        """The order of the last utterance in the log; 0 when it is empty."""
        log = self._logs.get(room_id)
        return 0 if log is None else max((one.order for one in log.said.values()), default=0)

    def has(self, utterance: Utterance) -> bool:
        """Whether the log holds it: it was heard, not only read."""
        log = self._logs.get(utterance.room_id)
        return log is not None and utterance.message_id in log.said

    def lately(self, room_id: int) -> list[Utterance]:
        """What the log holds, in the talk's order."""
        log = self._logs.get(room_id)
        return log.in_order() if log is not None else []

    def newest(self, room_id: int) -> int:
        """The newest message in the log that no character of ours said; 0 when there is none."""
        log = self._logs.get(room_id)
        said = log.said.values() if log is not None else ()
        others = (one for one in said if one.speaker.kind is not SpeakerKind.CHARACTER)
        return max((one.message_id for one in others), default=0)

    async def since(self, room: Room, cursor: int) -> list[Utterance]:
        """What was said after the order `cursor`, in the talk's order."""
        log = self._logs.get(room.id)
        if log is None:
            return await self._read(room, cursor)
        kept = {one.message_id: one for one in log.said.values() if one.order > cursor}
        if cursor < log.complete_after:
            # Words that took long may have begun before that: the log has the whole of them.
            older = await self._read(room, cursor, log.complete_after + 1)
            kept = {one.message_id: one for one in older} | kept
        return sorted(kept.values(), key=lambda one: one.order)

    async def _read(self, room: Room, cursor: int, before: int | None = None) -> list[Utterance]:
        try:
            read = await self._stage.history(
                room, after=begun_by(cursor), before=before, limit=BACKLOG_LIMIT
            )
        except NotPermittedError as refused:
            log.info("room %s: only what is heard is known there: %s", room.id, refused)
            return []
        return [one for one in self.newest_wording(read) if one.order > cursor]


class _Log:
    """Utterances by message id, and the id after which none is missing."""

    def __init__(self, complete_after: int) -> None:
        self.complete_after = complete_after
        self.said: dict[int, Utterance] = {}

    def add(self, utterance: Utterance) -> None:
        self.said[utterance.message_id] = utterance
        while len(self.said) > ROOM_LIMIT:
            oldest = self.in_order()[0]
            del self.said[oldest.message_id]
            self.complete_after = max(self.complete_after, oldest.order)

    def requote(
        self, message_ids: Collection[int], text: str, files: tuple[Attachment, ...]
    ) -> None:
        """What these messages say is `text` now, with these files, wherever it is quoted."""
        for key, said in self.said.items():
            if said.reply_to in message_ids:
                self.said[key] = requoted(said, text, files)

    def in_order(self) -> list[Utterance]:
        return sorted(self.said.values(), key=lambda one: one.order)
