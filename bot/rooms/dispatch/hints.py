"""Help hints: short messages of the bot for a person whom no character will answer.

Owns when to send them. `bot.rooms.dispatch.notices` throttles them, `bot.messages.hints` has the
texts.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from typing import Final

from bot.domain.addressing import named, perhaps_named
from bot.domain.decision import ASKED, Decision, SkipReason
from bot.domain.room import Place, Room
from bot.domain.spending import comes_back, refusal_for
from bot.domain.utterance import SpeakerKind, Utterance
from bot.message_data import Message
from bot.messages import store
from bot.messages.hints import NOBODY_YET, Absent, CallByMark, WhoShouldAnswer
from bot.messages.rendering import render
from bot.refusals import ROOM_PAUSED
from bot.rooms.dispatch.notices import Notices
from bot.rooms.state.casting import Casting

# Most people and rooms remembered as told of a spending limit, so that they are told once.
REFUSED_LIMIT = 1_000
_SPENT = frozenset({SkipReason.PERSON_SPENT, SkipReason.DAY_SPENT})
# Seconds after a character's arrival in which the hint on how to address it may be sent.
NEW_FOR: Final = 600.0
# Most rooms remembered as new; the oldest is evicted first.
NEW_ROOMS_KEPT: Final = 1_000


class Hints:
    """Sends help hints to people whom nobody will answer."""

    def __init__(self, *, casting: Casting, notices: Notices) -> None:
        self._casting = casting
        self._notices = notices
        # Id of a person or a room → end of the spending limit that they were told of.
        self._refused: OrderedDict[int, datetime] = OrderedDict()
        # Room id → when a character last arrived there (monotonic).
        self._new: OrderedDict[int, float] = OrderedDict()

    def greeted(self, room: Room) -> None:
        """Remember that a character has just arrived in the room."""
        self._new[room.id] = time.monotonic()
        self._new.move_to_end(room.id)
        if len(self._new) > NEW_ROOMS_KEPT:
            self._new.popitem(last=False)

    def for_nobody(self, room: Room, utterance: Utterance) -> Message | None:
        """Return the hint for a message that addresses nobody here; None if none helps."""
        if utterance.speaker.kind is not SpeakerKind.PERSON:
            return None
        if (refusal := self._casting.refusal(room)) is not None:
            return refusal if _is_for_bot(room, utterance) else None
        absent = self._casting.absent(room, utterance.text)
        if absent is not None:
            return Absent(absent.name)
        if not _is_for_bot(room, utterance):
            return self._how_to_address(room, utterance)
        calls = tuple(f"@{character.name}" for character in self._casting.cast(room))
        return WhoShouldAnswer(calls) if calls else NOBODY_YET

    def _how_to_address(self, room: Room, utterance: Utterance) -> Message | None:
        """Return how to address a character, once for a new room where `utterance` may name one."""
        since = time.monotonic() - self._new.get(room.id, -NEW_FOR)
        if since >= NEW_FOR or utterance.reply_to is not None:
            return None
        cast = self._casting.cast(room)
        key = perhaps_named(utterance.text, cast)
        meant = next((character for character in cast if character.key == key), None)
        if meant is None:
            return None
        del self._new[room.id]
        return CallByMark(meant.name, f"@{meant.name}")

    async def after(self, room: Room, utterance: Utterance, decision: Decision) -> None:
        """Send the hint that a decision about a person's message calls for, if any."""
        if decision.speaking:
            return
        called = {verdict.silence for verdict in decision.verdicts if verdict.reason in ASKED}
        for silence in _SPENT & called:
            await self._tell_spent(room, utterance, silence, decision.at)
            return
        called = {verdict.silence for verdict in decision.verdicts if verdict.reason is not None}
        hint = ROOM_PAUSED if SkipReason.PAUSED in called else self.for_nobody(room, utterance)
        if hint is not None:
            await self.tell(room, hint, utterance)

    async def _tell_spent(
        self, room: Room, utterance: Utterance, silence: SkipReason, at: datetime
    ) -> None:
        """Tell the person or room that reached a spending limit, once until the limit ends."""
        whom = utterance.speaker.id if silence is SkipReason.PERSON_SPENT else room.id
        until = comes_back(silence, at)
        if self._refused.get(whom) == until:
            return
        self._refused[whom] = until
        self._refused.move_to_end(whom)
        if len(self._refused) > REFUSED_LIMIT:
            self._refused.popitem(last=False)
        await self.tell(room, refusal_for(silence, until), utterance)

    async def without_store(
        self, room: Room, utterance: Utterance, error: BaseException | None
    ) -> None:
        """Tell a person who certainly addressed a character that the answer waits, and why."""
        # Without the store a reply to a person looks like one to a character: say nothing there.
        if _is_for_bot(room, utterance) or named(utterance.text, self._casting.cast(room)):
            await self.tell(room, store.waits(error), utterance)

    async def tell(self, room: Room, message: Message, utterance: Utterance) -> None:
        """Send the hint as a reply to the message."""
        await self._notices.say(room, render(message), reply_to=utterance.message_id)


def _is_for_bot(room: Room, utterance: Utterance) -> bool:
    """Return whether the message addresses the bot, as every direct message does."""
    return utterance.mentions_bot or room.place is Place.DIRECT
