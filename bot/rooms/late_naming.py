"""A name that an edit puts in: answered while the message is fresh, if nobody answered it before.

Owns that rule. The edit waits in its room's mailbox like anything that is said there, so that what
the message said first is decided on before (`bot.rooms.director`). A turn's id is made of the
message's, so an edit that is told twice, or again after a crash, is answered once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.addressing import named
from bot.domain.deciding import decide
from bot.domain.decision import Decision, Silence, Verdict
from bot.domain.room import Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import SpeakerKind, Utterance
from bot.rooms import words
from bot.rooms.casting import Casting
from bot.rooms.circumstances import Circumstances
from bot.rooms.hints import Hints
from bot.rooms.policies import Policies
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.why import Why

FRESH: Final = timedelta(minutes=1)
"""From a message to an edit that is still answered; both by Discord's clock."""
_CALLS: Final = frozenset({Reason.NAMED, Reason.BOT_MENTION})


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
    ) -> None:
        self._casting = casting
        self._policies = policies
        self._circumstances = circumstances
        self._spending = spending
        self._seats = seats
        self._why = why
        self._hints = hints

    def concerns(self, room: Room, said: Utterance) -> bool:
        """Whether the edited message `said` calls anybody who is in the room."""
        if said.speaker.kind is not SpeakerKind.PERSON or said.edited_at is None:
            return False
        cast = self._casting.cast(room)
        return bool(cast) and (said.mentions_bot or bool(named(said.text, cast)))

    async def answer(self, room: Room, said: Utterance) -> list[Turn]:
        """Accept the turns for whoever was put in by an edit; whoever may not answer is told of.

        Raises `StoreError`.
        """
        before = await self._why.decided(room.id, said.message_id)
        cast = self._casting.cast(room)
        facts = await self._circumstances.of_person(room, said, cast, None)
        decision = _for_put_in(decide(said, cast, self._policies.of(room), facts), before)
        if not decision.speaking:
            return []
        is_fresh = said.edited_at is not None and said.edited_at - said.at <= FRESH
        if before is None and not is_fresh:
            return []  # what it said before is not known any more: it may have named them
        if not is_fresh or (before is not None and before.speaking):
            hint = words.edited_too_late([verdict.name for verdict in decision.speaking])
            await self._hints.tell(room, hint, said)
            return []
        turns = decision.turns(room, said.speaker.id, datetime.now(UTC))
        accepted = [turn for turn in turns if await self._seats.accept(turn)]
        self._spending.count_turns(said.speaker.id, len(accepted))
        await self._why.record(decision)
        return accepted


def _for_put_in(decision: Decision, before: Decision | None) -> Decision:
    """`decision` with those alone who are called now and were not before."""
    known = () if before is None else before.verdicts
    called = {verdict.character for verdict in known if verdict.reason in _CALLS}
    verdicts = [
        verdict
        if not verdict.speaks or (verdict.reason in _CALLS and verdict.character not in called)
        else Verdict(verdict.character, verdict.name, None, Silence.NOT_ASKED)
        for verdict in decision.verdicts
    ]
    return replace(decision, verdicts=tuple(verdicts))
