"""Tells a room that the bot gets messages without text: the Message Content Intent is off.

Each room is told once after a start, at the first such message.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bot.domain.room import Place, Room
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import DeliveryError
from bot.messages.failures import UNREAD
from bot.messages.rendering import render
from bot.rooms.ports.stage import Stage
from bot.rooms.state.casting import Casting
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Most rooms remembered as told; with more, a room may be told twice.
KEPT = 10_000


class Gateway(Protocol):
    """The connection that delivers messages."""

    @property
    def reads_messages(self) -> bool:
        """Whether messages come with their text (the privileged Message Content Intent is on)."""
        ...


class UnreadMessages:
    """Checks every message; the gateway says whether the intent is on."""

    def __init__(self, *, stage: Stage, casting: Casting, tasks: Tasks, gateway: Gateway) -> None:
        self._stage = stage
        self._casting = casting
        self._tasks = tasks
        self._gateway = gateway
        self._told: set[int] = set()

    def heard(self, room: Room, utterance: Utterance) -> None:
        """Tell the room if the message has no text, unless the room was told before."""
        if self._gateway.reads_messages or room.id in self._told:
            return
        if not _is_unread(room, utterance):
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
            log.warning("cannot tell a room that messages are not read: %s", error)


def _is_unread(room: Room, utterance: Utterance) -> bool:
    """Return whether Discord left the text out, which it never does in DMs or bot mentions."""
    return (
        utterance.speaker.kind is SpeakerKind.PERSON
        and room.place is not Place.DIRECT
        and not utterance.mentions_bot
        and not utterance.text.strip()
        and not utterance.attachments
    )
