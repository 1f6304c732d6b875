"""A name that an edit puts in: answered while the message is fresh, if nobody answered it before.

Owns that rule. The edit waits in its room's mailbox like anything that is said there, so that what
the message said first is decided on before (`bot.rooms.director`). A turn's id is made of the
message's, so an edit that is told twice, or again after a crash, is answered once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, ParamSpec, Protocol, TypeVar

from bot.domain.addressing import named
from bot.domain.deciding import decide
from bot.domain.decision import Decision, Silence, Verdict
from bot.domain.lateness import is_fresh
from bot.domain.room import Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import StoreError
from bot.messages.hints import EditedTooLate
from bot.rooms.casting import Casting
from bot.rooms.circumstances import Circumstances
from bot.rooms.hints import Hints
from bot.rooms.policies import Policies
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.why import Why

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_CALLS: Final = frozenset({Reason.NAMED, Reason.BOT_MENTION})


class Patiently(Protocol):
    """Takes a step about an utterance once the store is there; raises `StoreError` in the end."""

    async def __call__(
        self,
        room: Room,
        utterance: Utterance,
        step: Callable[P, Awaitable[T]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Call `step` until it works, or the talk has moved on."""
        ...


class LateNaming:
    """Decides on edits, and accepts the turns that they call for."""

    def __init__(
        self,
        *,
        casting: Casting,
        policies: Policies,
        circumstances: Circumstances,
        spending: Spending,
        seats: Seats,
        why: Why,
        hints: Hints,
        patiently: Patiently,
    ) -> None:
        self._casting = casting
        self._policies = policies
        self._circumstances = circumstances
        self._spending = spending
        self._seats = seats
        self._why = why
        self._hints = hints
        self._patiently = patiently

    def concerns(self, room: Room, said: Utterance) -> bool:
        """Whether the edited message `said` calls anybody who is in the room."""
        if said.speaker.kind is not SpeakerKind.PERSON or said.edited_at is None:
            return False
        cast = self._casting.cast(room)
        return bool(cast) and (said.mentions_bot or bool(named(said.text, cast)))

    async def answer(self, room: Room, said: Utterance) -> list[Turn]:
        """Accept the turns for whoever was put in by an edit; whoever may not answer is told of.

        Raises `StoreError` where it is not known who was put in.
        """
        decision = await self._patiently(room, said, self._decide, room, said)
        if decision is None:
            return []
        self._spending.count_turns(said.speaker.id, decision.turn_ids, at=decision.at)
        accepted = list[Turn]()
        try:
            # Made once, so that the ledger knows a repeated try.
            for turn in decision.turns(room, said.speaker.id, self._circumstances.now()):
                if await self._patiently(room, said, self._seats.accept, turn):
                    accepted.append(turn)
        except StoreError as error:
            log.warning("an edit could not be taken: %s", error)
        await self._why.record(decision)
        return accepted

    async def _decide(self, room: Room, said: Utterance) -> Decision | None:
        """Who answers those that an edit put in; None when nobody does."""
        before = await self._why.decided(room.id, said.message_id)
        cast = self._casting.cast(room)
        facts = await self._circumstances.of_person(room, said, cast, None)
        decision = _for_put_in(decide(said, cast, self._policies.of(room), facts), before)
        if not decision.speaking:
            return None
        fresh = is_fresh(said)
        if before is None and not fresh:
            return None  # what it said before is not known any more: it may have named them
        if not fresh or (before is not None and before.speaking):
            hint = EditedTooLate(tuple(verdict.name for verdict in decision.speaking))
            await self._hints.tell(room, hint, said)
            return None
        return decision


def _for_put_in(decision: Decision, before: Decision | None) -> Decision:
    """`decision` with those alone who are called now and were not before."""
    known = () if before is None else before.verdicts
    called = {verdict.character for verdict in known if verdict.reason in _CALLS}
    # Whom a mention of the bot means changes with the talk: it is no other call for that.
    calls = _CALLS - {verdict.reason for verdict in known if verdict.reason is Reason.BOT_MENTION}
    verdicts = [
        verdict
        if not verdict.speaks or (verdict.reason in calls and verdict.character not in called)
        else Verdict(verdict.character, verdict.name, None, Silence.NOT_ASKED)
        for verdict in decision.verdicts
    ]
    return replace(decision, verdicts=tuple(verdicts))
