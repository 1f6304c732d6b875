"""Answers an edit that adds a character's name, if the message is fresh and still unanswered.

The edit waits in its room's mailbox like any message, so the original wording is decided on first
(`bot.rooms.dispatch.dispatcher`). A turn's id contains the message's id, so an edit that is
redelivered, or read again after a crash, is answered once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, ParamSpec, Protocol, TypeVar

from bot.domain.addressing import named
from bot.domain.decision import Decision, SkipReason, Verdict
from bot.domain.lateness import is_fresh
from bot.domain.room import Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import StoreError
from bot.messages.hints import EditedTooLate
from bot.rooms.decisions.decider import Decider
from bot.rooms.dispatch.hints import Hints
from bot.rooms.turns.turn_queues import TurnQueues

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_CALLS: Final = frozenset({Reason.NAMED, Reason.BOT_MENTION})


class WithRetries(Protocol):
    """Retries a step while the store is away; raises `StoreError` once it gives up."""

    async def __call__(
        self,
        room: Room,
        utterance: Utterance,
        step: Callable[P, Awaitable[T]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Call `step` until it succeeds, or until an answer would come too late."""
        ...


class LateNaming:
    """Decides which edits call a character, and accepts turns for them."""

    def __init__(
        self, *, decider: Decider, turn_queues: TurnQueues, hints: Hints, with_retries: WithRetries
    ) -> None:
        self._decider = decider
        self._casting, self._why = decider.casting, decider.why
        self._spending, self._now = decider.spending, decider.decision_inputs.now
        self._turn_queues = turn_queues
        self._hints = hints
        self._with_retries = with_retries

    def concerns(self, room: Room, said: Utterance) -> bool:
        """Return whether the edited message `said` calls a character in the room."""
        if said.speaker.kind is not SpeakerKind.PERSON or said.edited_at is None:
            return False
        cast = self._casting.cast(room)
        return bool(cast) and (said.mentions_bot or bool(named(said.text, cast)))

    async def answer(self, room: Room, said: Utterance) -> list[Turn]:
        """Accept turns for the characters that the edit added; send a hint if it came too late.

        Raises `StoreError` when the earlier decision cannot be read.
        """
        decision = await self._with_retries(room, said, self._decide, room, said)
        if decision is None:
            return []
        self._spending.count_turns(said.speaker.id, decision.turn_ids, at=decision.at)
        accepted = list[Turn]()
        try:
            # Built once, so that the ledger recognises a retry of `accept` as the same turn.
            for turn in decision.turns(room, said.speaker.id, self._now()):
                if await self._with_retries(room, said, self._turn_queues.accept, turn):
                    accepted.append(turn)
        except StoreError as error:
            log.warning("cannot accept the turns of an edit: %s", error)
        await self._why.record(decision)
        return accepted

    async def _decide(self, room: Room, said: Utterance) -> Decision | None:
        """Return the decision about the characters that the edit added; None if nobody answers."""
        before = await self._why.decided(room.id, said.message_id)
        decision = _newly_called(await self._decider.on_person(room, said), before)
        if not decision.speaking:
            return None
        fresh = is_fresh(said)
        if before is None and not fresh:
            return None  # the earlier wording is unknown, and may have named the same characters
        if not fresh or (before is not None and before.speaking):
            hint = EditedTooLate(tuple(verdict.name for verdict in decision.speaking))
            await self._hints.tell(room, hint, said)
            return None
        return decision


def _newly_called(decision: Decision, before: Decision | None) -> Decision:
    """Return `decision`, reduced to the characters called by the edit and not called before."""
    known = () if before is None else before.verdicts
    called = {verdict.character for verdict in known if verdict.reason in _CALLS}
    # A mention of the bot may now resolve to another character, but that is not a new call.
    calls = _CALLS - {verdict.reason for verdict in known if verdict.reason is Reason.BOT_MENTION}
    verdicts = [
        verdict
        if not verdict.speaks or (verdict.reason in calls and verdict.character not in called)
        else Verdict(verdict.character, verdict.name, None, SkipReason.NOT_ASKED)
        for verdict in decision.verdicts
    ]
    return replace(decision, verdicts=tuple(verdicts))
