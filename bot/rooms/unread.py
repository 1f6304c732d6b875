"""Messages that come without their words, because the Message Content Intent is off.

Owns who is told of it and how often: a room once, at the first such message after a start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.room import Place, Room
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import DeliveryError
from bot.messages.failures import UNREAD
from bot.messages.rendering import render
from bot.rooms.casting import Casting
from bot.rooms.ports import Stage
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Rooms that are remembered; should there be more, one may be told twice.
KEPT = 10_000


class UnreadMessages:
    """Told of every message; `reads_messages` says whether the intent is on."""

    def __init__(
        self, *, stage: Stage, casting: Casting, tasks: Tasks, reads_messages: Callable[[], bool]
    ) -> None:
        self._stage = stage
        self._casting = casting
        self._tasks = tasks
        self._reads_messages = reads_messages
        self._told: set[int] = set()

    def heard(self, room: Room, utterance: Utterance) -> None:
        """Tell the room if this message could not be read, and it was not told before."""
        if self._reads_messages() or not _is_unread(room, utterance) or room.id in self._told:
            return
        if not self._casting.has(room):
            return
        if len(self._told) >= KEPT:
            self._told.clear()
        self._told.add(room.id)
        self._tasks.start("unread", self._tell(room, utterance.message_id))

    async def _tell(self, room: Room, message_id: int) -> None:
        try:
            await self._stage.tell(room, render(UNREAD), reply_to=message_id)
        except DeliveryError as error:
            log.warning("nobody could be told that messages are not read: %s", error)


def _is_unread(room: Room, utterance: Utterance) -> bool:
    """Discord leaves the words out but in direct talks and where the bot is mentioned."""
    return (
        utterance.speaker.kind is SpeakerKind.PERSON
        and room.place is not Place.DIRECT
        and not utterance.mentions_bot
        and not utterance.text.strip()
        and not utterance.attachments
    )
