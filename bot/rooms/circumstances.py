"""What a decision rests on besides the message: the facts. Owns what is remembered of them.

Whom a place belongs to: a thread to the character whose message it was started from or that opened
it, a direct talk to the only character there, or to the one that was addressed last.
"""

from __future__ import annotations

import logging
import random
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.character import Character
from bot.domain.deciding import Facts, Last
from bot.domain.decision import ASKED, Decision
from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance, moment_of
from bot.errors import StoreError
from bot.rooms.budgets import Budgets
from bot.rooms.casting import Casting
from bot.rooms.clock import Clock
from bot.rooms.ports import Ledger
from bot.rooms.spending import Spending

log = logging.getLogger(__name__)

# Rooms and seats remembered at once; the one that was silent longest goes first.
LIMIT = 5_000

K = TypeVar("K")
V = TypeVar("V")


class BindingStore(Protocol):
    """Which rooms were given to a character."""

    async def binding(self, room_id: int) -> str | None:
        """The key of the character that this room was given to."""
        ...

    async def bind(self, room_id: int, character: str) -> None:
        """The room belongs to that character from now on."""
        ...


class Circumstances:
    """The facts about each room, from the ledger, the cast and its own memory."""

    def __init__(
        self,
        *,
        casting: Casting,
        ledger: Ledger,
        bindings: BindingStore,
        budgets: Budgets,
        spending: Spending,
        clock: Clock,
    ) -> None:
        self._casting = casting
        self._ledger = ledger
        self._bindings = bindings
        self._budgets = budgets
        self._spending = spending
        self.now = clock.now
        self._last: OrderedDict[int, Last] = OrderedDict()
        self._unasked: OrderedDict[Seat, datetime] = OrderedDict()
        self._bound: OrderedDict[int, str | None] = OrderedDict()

    async def of_person(
        self, room: Room, utterance: Utterance, cast: Sequence[Character], listening: str | None
    ) -> Facts:
        """The facts about what a person said. Raises `StoreError`.

        `listening`: the character that this person asked and that has not begun to answer.
        """
        replied_to = None
        if utterance.reply_to is not None:
            replied_to = await self._ledger.speaker_of(utterance.reply_to)
            if replied_to is None and utterance.reply_to_own is not None:
                # Its record is lost: whose it is Discord says, and the name that it wears.
                own = (one.key for one in cast if one.name == utterance.reply_to_own)
                replied_to = next(own, None)
        answers_others = utterance.reply_to is not None and replied_to is None
        return Facts(
            now=self.now(),
            luck=_luck(utterance),
            replied_to=replied_to,
            bound=await self._belongs_to(room, cast),
            last=self._last_addressed(room),
            listening=listening,
            elsewhere=answers_others or self._casting.absent(room, utterance.text) is not None,
            unasked=self._unasked_in(room, cast),
            allowance=await self._spending.allowance(utterance.speaker.id),
        )

    async def of_character(
        self,
        room: Room,
        utterance: Utterance,
        cast: Sequence[Character],
        waiting: Iterable[str],
        person: int,
    ) -> Facts:
        """The facts about what a character said; `waiting` will speak anyway. As above.

        `person` is who started the talk: what characters say to one another counts as theirs.
        """
        return Facts(
            now=self.now(),
            luck=_luck(utterance),
            unasked=self._unasked_in(room, cast),
            about_to_speak=frozenset(waiting),
            budget=await self._budgets.of(room.id),
            allowance=await self._spending.allowance(person),
        )

    async def bind(self, room_id: int, character: str) -> None:
        """A character opened this thread: what people say there is for it. Raises `StoreError`."""
        await self._bindings.bind(room_id, character)
        _put(self._bound, room_id, character)

    def addressed(self, room_id: int, character: str, by: int) -> None:
        """That person is speaking to that character now."""
        _put(self._last, room_id, Last(character, by, self.now()))

    def spoke_unasked(self, seat: Seat) -> None:
        """The character speaks now though no person asked it to."""
        _put(self._unasked, seat, self.now())

    async def remember(self, room: Room, decision: Decision, accepted: Sequence[Turn]) -> None:
        """What later decisions rest on, once a person's message is on its way."""
        await self.remember_asked(room, accepted)
        try:
            await self._budgets.refill(room.id, moment_of(decision.trigger))
            await self._budgets.write(room.id)
        except StoreError as error:
            log.warning("that a person spoke cannot be remembered: %s", error)

    async def remember_asked(self, room: Room, accepted: Sequence[Turn]) -> None:
        """Who speaks now, and whom the person spoke to."""
        asked = [turn for turn in accepted if turn.reason in ASKED]
        for turn in accepted:
            if turn.reason not in ASKED:
                self.spoke_unasked(turn.seat)
        try:
            for last in (asked or accepted)[-1:]:
                self.addressed(room.id, last.character, last.asker)
                await self._casting.address(room, last.character)
        except StoreError as error:
            log.warning("who was spoken to cannot be remembered: %s", error)

    def forget(self, room_ids: Iterable[int]) -> None:
        """These places are gone, or are to be as new."""
        for room_id in room_ids:
            self._last.pop(room_id, None)
            self._bound.pop(room_id, None)

    async def _belongs_to(self, room: Room, cast: Sequence[Character]) -> str | None:
        if room.place is Place.DIRECT:
            return cast[0].key if len(cast) == 1 else self._casting.last_addressed(room)
        if room.place is not Place.THREAD:
            return None
        if room.id not in self._bound:
            # A thread that was started from a message has that message's id.
            given = await self._bindings.binding(room.id)
            _put(self._bound, room.id, given or await self._ledger.speaker_of(room.id))
        return self._bound[room.id]

    def _last_addressed(self, room: Room) -> Last | None:
        last = self._casting.last_addressed(room)
        known = self._last.get(room.id)
        if known is not None and known.character == last:
            return known
        return Last(last) if last is not None else None

    def _unasked_in(self, room: Room, cast: Sequence[Character]) -> dict[str, datetime]:
        found = ((one.key, self._unasked.get(Seat(room.id, one.key))) for one in cast)
        return {key: at for key, at in found if at is not None}


def _luck(utterance: Utterance) -> random.Random:
    """A message that is heard twice, after a restart say, falls the same both times."""
    return random.Random(utterance.message_id)  # noqa: S311 who chimes in is no secret


def _put(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > LIMIT:
        kept.popitem(last=False)
