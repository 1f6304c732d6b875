"""The inputs of a decision besides the message itself. Owns their caches.

A Discord thread belongs to the character that opened it, or whose message it was started from.
Direct messages belong to the only character there, or to the one addressed last.
"""

from __future__ import annotations

import logging
import random
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.character import Character
from bot.domain.deciding import DecisionInputs, Last
from bot.domain.decision import ASKED, Decision
from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance, moment_of
from bot.errors import StoreError
from bot.rooms.decisions.budgets import Budgets
from bot.rooms.decisions.spending import Spending
from bot.rooms.ports.clock import Clock
from bot.rooms.ports.ledger import Ledger
from bot.rooms.state.casting import Casting

log = logging.getLogger(__name__)

# Most rooms and seats remembered; the least recently written is evicted.
LIMIT = 5_000

K = TypeVar("K")
V = TypeVar("V")


class BindingStore(Protocol):
    """Persistent owners of Discord threads opened by characters."""

    async def binding(self, room_id: int) -> str | None:
        """Return the key of the character that opened this Discord thread."""
        ...

    async def bind(self, room_id: int, character: str) -> None:
        """Record that the Discord thread belongs to the character."""
        ...


class DecisionInputReader:
    """Reads the inputs of decisions from the ledger, the casts and its own caches."""

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
    ) -> DecisionInputs:
        """Return the decision inputs for a person's message. Raises `StoreError`.

        `listening` is a character that this person asked and that has not started to answer.
        """
        replied_to = None
        if utterance.reply_to is not None:
            replied_to = await self._ledger.speaker_of(utterance.reply_to)
            if replied_to is None and utterance.reply_to_own is not None:
                # The record is lost: match by the webhook name that Discord shows.
                own = (who.key for who in cast if who.name == utterance.reply_to_own)
                replied_to = next(own, None)
        answers_others = utterance.reply_to is not None and replied_to is None
        return DecisionInputs(
            now=self.now(),
            rng=_rng(utterance),
            replied_to=replied_to,
            bound=await self._owner_of(room, cast),
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
    ) -> DecisionInputs:
        """Return the decision inputs for a character's message. Raises `StoreError`.

        The characters `waiting` already have a turn coming. `person` started the conversation:
        answers among characters count against that person's spending limit.
        """
        return DecisionInputs(
            now=self.now(),
            rng=_rng(utterance),
            unasked=self._unasked_in(room, cast),
            about_to_speak=frozenset(waiting),
            budget=await self._budgets.of(room.id),
            allowance=await self._spending.allowance(person),
        )

    async def bind(self, room_id: int, character: str) -> None:
        """Bind a Discord thread to the character that opened it. Raises `StoreError`."""
        await self._bindings.bind(room_id, character)
        _remember(self._bound, room_id, character)

    def addressed(self, room_id: int, character: str, by: int) -> None:
        """Remember that the person `by` is speaking to the character now."""
        _remember(self._last, room_id, Last(character, by, self.now()))

    def spoke_unasked(self, seat: Seat) -> None:
        """Remember that the character speaks now without having been asked."""
        _remember(self._unasked, seat, self.now())

    async def remember(self, room: Room, decision: Decision, accepted: Sequence[Turn]) -> None:
        """Remember what later decisions need about a person's message that was decided on."""
        await self.remember_asked(room, accepted)
        try:
            await self._budgets.refill(room.id, moment_of(decision.trigger))
            await self._budgets.write(room.id)
        except StoreError as error:
            log.warning("cannot store the refilled budget of a room: %s", error)

    async def remember_asked(self, room: Room, accepted: Sequence[Turn]) -> None:
        """Remember which characters speak now, and which one the person addressed."""
        asked = [turn for turn in accepted if turn.reason in ASKED]
        for turn in accepted:
            if turn.reason not in ASKED:
                self.spoke_unasked(turn.seat)
        try:
            for last in (asked or accepted)[-1:]:
                self.addressed(room.id, last.character, last.asker)
                await self._casting.address(room, last.character)
        except StoreError as error:
            log.warning("cannot store which character was addressed last: %s", error)

    def forget(self, room_ids: Iterable[int]) -> None:
        """Forget rooms that were deleted or reset."""
        for room_id in room_ids:
            self._last.pop(room_id, None)
            self._bound.pop(room_id, None)

    async def _owner_of(self, room: Room, cast: Sequence[Character]) -> str | None:
        if room.place is Place.DIRECT:
            return cast[0].key if len(cast) == 1 else self._casting.last_addressed(room)
        if room.place is not Place.THREAD:
            return None
        if room.id not in self._bound:
            # A Discord thread started from a message has the message's id.
            given = await self._bindings.binding(room.id)
            _remember(self._bound, room.id, given or await self._ledger.speaker_of(room.id))
        return self._bound[room.id]

    def _last_addressed(self, room: Room) -> Last | None:
        last = self._casting.last_addressed(room)
        known = self._last.get(room.id)
        if known is not None and known.character == last:
            return known
        return Last(last) if last is not None else None

    def _unasked_in(self, room: Room, cast: Sequence[Character]) -> dict[str, datetime]:
        found = ((who.key, self._unasked.get(Seat(room.id, who.key))) for who in cast)
        return {key: at for key, at in found if at is not None}


def _rng(utterance: Utterance) -> random.Random:
    """Return an rng seeded by the message, so that a redelivered message has the same outcome."""
    return random.Random(utterance.message_id)  # noqa: S311 who chimes in is no secret


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > LIMIT:
        kept.popitem(last=False)
