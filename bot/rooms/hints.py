"""What helps a person whom no character will answer: in the bot's own voice, short and rare.

Owns when it is said; how often is `bot.rooms.notices`', the texts are `bot.messages.hints`'.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from typing import Final

from bot.domain.addressing import named, perhaps_named
from bot.domain.decision import ASKED, Decision, Silence
from bot.domain.room import Place, Room
from bot.domain.spending import comes_back, refusal_for
from bot.domain.utterance import SpeakerKind, Utterance
from bot.message_data import Message
from bot.messages import store
from bot.messages.hints import NOBODY_YET, Absent, CallByMark, WhoShouldAnswer
from bot.messages.rendering import render
from bot.refusals import ROOM_PAUSED
from bot.rooms.casting import Casting
from bot.rooms.notices import Notices

# People and rooms that were told of a spending limit and are remembered, to be told once.
REFUSED_LIMIT = 1_000
_SPENT = frozenset({Silence.PERSON_SPENT, Silence.DAY_SPENT})
# So long after a character came, in seconds, people may still learn how to speak to it.
NEW_FOR: Final = 600.0
# Rooms that are remembered as new; the oldest goes first.
NEW_ROOMS_KEPT: Final = 1_000


class Hints:
    """Tells people what they may not know."""

    def __init__(self, *, casting: Casting, notices: Notices) -> None:
        self._casting = casting
        self._notices = notices
        # Person → until when they were refused; room → until when everybody was, as told there.
        self._refused: OrderedDict[int, datetime] = OrderedDict()
        # Rooms to which a character came lately, and when (monotonic).
        self._new: OrderedDict[int, float] = OrderedDict()

    def greeted(self, room: Room) -> None:
        """A character has just come to that room."""
        self._new[room.id] = time.monotonic()
        self._new.move_to_end(room.id)
        if len(self._new) > NEW_ROOMS_KEPT:
            self._new.popitem(last=False)

    def for_nobody(self, room: Room, utterance: Utterance) -> Message | None:
        """What helps who spoke to nobody that is here; None when nothing is needed."""
        if utterance.speaker.kind is not SpeakerKind.PERSON:
            return None
        if (refusal := self._casting.refusal(room)) is not None:
            return refusal if _is_for_bot(room, utterance) else None
        absent = self._casting.absent(room, utterance.text)
        if absent is not None:
            return Absent(absent.name)
        if not _is_for_bot(room, utterance):
            return self._how_to_call(room, utterance)
        calls = tuple(f"@{character.name}" for character in self._casting.cast(room))
        return WhoShouldAnswer(calls) if calls else NOBODY_YET

    def _how_to_call(self, room: Room, utterance: Utterance) -> Message | None:
        """Once for a room that is new, where a name may have been meant to call."""
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
        """Tell what is needed after a decision about what a person said."""
        if decision.speaking:
            return
        called = {verdict.silence for verdict in decision.verdicts if verdict.reason in ASKED}
        for silence in _SPENT & called:
            await self._tell_spent(room, utterance, silence, decision.at)
            return
        called = {verdict.silence for verdict in decision.verdicts if verdict.reason is not None}
        hint = ROOM_PAUSED if Silence.PAUSED in called else self.for_nobody(room, utterance)
        if hint is not None:
            await self.tell(room, hint, utterance)

    async def _tell_spent(
        self, room: Room, utterance: Utterance, silence: Silence, at: datetime
    ) -> None:
        """Tell whoever reached a spending limit, or the room, once until it ends."""
        whom = utterance.speaker.id if silence is Silence.PERSON_SPENT else room.id
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
        """Tell who spoke to a character for sure that it has to wait, and for what."""
        # A reply between two people is none of our business, and cannot be told apart now.
        if _is_for_bot(room, utterance) or named(utterance.text, self._casting.cast(room)):
            await self.tell(room, store.waits(error), utterance)

    async def tell(self, room: Room, message: Message, utterance: Utterance) -> None:
        """Say it under the message that it is about."""
        await self._notices.say(room, render(message), reply_to=utterance.message_id)


def _is_for_bot(room: Room, utterance: Utterance) -> bool:
    """In a direct talk there is nobody else to speak to."""
    return utterance.mentions_bot or room.place is Place.DIRECT
