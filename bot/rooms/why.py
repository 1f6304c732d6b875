"""Explains in plain words why characters spoke or kept silent. Owns the record of decisions.

The record has one other reader: a message that is redelivered, for example after a restart, is
answered by the characters of the recorded decision.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bot.domain.budget import LONGEST
from bot.domain.decision import Decision, Silence, Verdict
from bot.domain.turn import Reason, Turn, TurnState
from bot.errors import StoreError
from bot.rooms import end_notes
from bot.rooms.ports import Ledger

log = logging.getLogger(__name__)

# Decisions kept for each room, about 400 bytes each: enough to know every decision about a missed
# range (`catching_up.MOST`), with characters' messages in between.
KEPT = 150

NOBODY_HERE = "Nobody is here, so nobody answers. Bring someone in with `/summon`."
NOTHING_LATELY = "I decided on nothing here in the last week: nobody said anything meanwhile."
UNDECIDED = (
    "I know of no decision about that message: nobody was here when it was said, or it is too long "
    f"ago. I keep the newest {KEPT} decisions of a room, for a week."
)
OF_A_BOT = "A bot said that, and characters answer people alone."


class DecisionStore(Protocol):
    """Persistent record of each room's newest decisions."""

    async def decisions(self, room_id: int) -> list[Decision]:
        """Return the room's recorded decisions, newest first."""
        ...

    async def keep_decision(self, decision: Decision) -> None:
        """Add a decision and evict the oldest."""
        ...


class Why:
    """Records decisions and explains them."""

    def __init__(self, *, store: DecisionStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    async def record(self, decision: Decision) -> None:
        """Record a decision. A failure is only logged: no answer depends on the record."""
        try:
            await self._store.keep_decision(decision)
        except StoreError as error:
            log.warning("cannot record a decision: %s", error)

    async def decided(self, room_id: int, trigger: int) -> Decision | None:
        """Return the recorded decision about a message, or None. Raises `StoreError`."""
        found = await self._store.decisions(room_id)
        return next((decision for decision in found if decision.trigger == trigger), None)

    async def latest(self, room_id: int) -> list[Decision]:
        """Return the decisions about the last person's message and its answers, oldest first.

        Raises `StoreError`.
        """
        found: list[Decision] = []
        for decision in await self._store.decisions(room_id):
            found.insert(0, decision)
            if not decision.followed:
                break
        return found

    async def of_message(self, room_id: int, trigger: int) -> str | None:
        """Explain the decision about the message `trigger`; None if it is no longer recorded.

        Raises `StoreError`.
        """
        decision = await self.decided(room_id, trigger)
        return None if decision is None else await self.tell(decision)

    async def turn_of(self, room_id: int, message_id: int) -> Turn | None:
        """Return the turn that posted the message in the room, or None. Raises `StoreError`."""
        turn = await self._ledger.turn_of(message_id)
        return turn if turn is not None and turn.room.id == room_id else None

    async def tell(self, decision: Decision) -> str:
        """Explain a decision, with a line for each character. Raises `StoreError`."""
        rows = []
        for verdict in decision.verdicts:
            turn_id = f"{decision.room_id}:{verdict.character}:{decision.trigger}"
            turn = await self._ledger.turn(turn_id) if verdict.speaks else None
            rows.append(f"{verdict.name}: {in_words(verdict)}{came_to(turn)}.")
        return "\n".join(rows) or "Nobody was here."


def of_turn(turn: Turn, name: str) -> str:
    """Explain a turn by its own record, when the decision is no longer recorded."""
    verdict = Verdict(turn.character, name, turn.reason, None, turn.detail)
    return f"{name}: {in_words(verdict)}{came_to(turn)}."


def in_words(verdict: Verdict) -> str:
    """Return a verdict in words, without the name and the full stop."""
    for_it = "" if verdict.reason is None else _reason(verdict.reason, verdict.detail)
    if verdict.silence is None:
        return for_it
    if verdict.silence is Silence.ROLLED:
        return for_it
    against = _SILENCES[verdict.silence]
    if verdict.reason in (None, Reason.CHANCE) and verdict.silence is not Silence.OUTROLLED:
        return against
    return f"{for_it}, but {against}"


def came_to(turn: Turn | None) -> str:
    """Return the outcome of a turn in words; empty if the channel shows it."""
    if turn is None:
        return ""
    if turn.text:
        return _authorship(turn) + _alternative(turn)
    return _without_text(turn)


def _authorship(turn: Turn) -> str:
    """Return in words whether somebody edited or continued the reply; empty if nobody did."""
    if turn.editor and turn.continued:
        return (
            f"; the words are by {turn.editor}, who edited the reply, up to where it was continued"
        )
    if turn.editor:
        return f"; the words are by {turn.editor}, who edited the reply"
    return "; it was continued when somebody asked" if turn.continued else ""


def _alternative(turn: Turn) -> str:
    """Return in words which alternative is shown, if there are several."""
    return f"; this is take {turn.take + 1} of {len(turn.takes)}" if len(turn.takes) > 1 else ""


def _without_text(turn: Turn) -> str:
    if turn.state is TurnState.CLOSED:
        if turn.order:
            return ", and it was taken back"
        why = f" ({turn.note})" if turn.note in end_notes.FOR_PEOPLE else ""
        return f", but no answer came of it{why}"
    if turn.state is not TurnState.DONE:
        return "; still answering"
    if turn.order:
        return ""  # a deletion failed, so the reply still stands
    if turn.note.startswith("answered together"):
        return "; answered together with another message"
    note = " ".join(turn.note.split())  # the model wrote the note: put all of it on a single line
    return f", but it kept silent ({note})" if note else ""


def _reason(reason: Reason, detail: str) -> str:
    if reason is Reason.NAMED and detail:
        return f"named by {detail}"
    return _REASONS[reason].format(detail=detail)


_REASONS: dict[Reason, str] = {
    Reason.SAY: "spoken to with /say",
    Reason.CONTINUE: "asked to go on",
    Reason.REPLY: "its message was replied to",
    Reason.NAMED: "named in the text",
    Reason.BOT_MENTION: "the bot was mentioned, and it was spoken to last or is alone here",
    Reason.BOUND: "in this place it need not be named",
    Reason.WENT_ON: "the same person was still speaking to it",
    Reason.KEYWORD: "the keyword “{detail}”",
    Reason.LAST: "the same person had just spoken to it",
    Reason.EVERY: "every message is answered here, and the lot fell on it",
    Reason.CHANCE: "chance {detail}",
}
_SILENCES: dict[Silence, str] = {
    Silence.NOT_ASKED: "not spoken to",
    Silence.OTHERS_ASKED: "others were spoken to",
    Silence.OUTROLLED: "another one rolled less",
    Silence.ABOUT_TO_SPEAK: "it was about to answer the person’s message itself",
    Silence.PAUSED: "the room is paused",
    Silence.QUIET: "these are quiet hours",
    Silence.COOLDOWN: "it had spoken unasked just before (cool-down)",
    Silence.CHAIN: "the room’s budget was used up: a person has to speak first",
    Silence.TIME: (
        "the room’s budget was used up: "
        f"no person has spoken for {LONGEST.total_seconds() // 60:.0f} minutes"
    ),
    Silence.TOKENS: "the room’s budget was used up: too many tokens since a person spoke",
    Silence.PERSON_SPENT: "the person who asked had used up their answers for this hour",
    Silence.DAY_SPENT: "the bot had used up what it may spend in a day",
}
