"""What a seat's thread knows and has still to be told. Owns sessions: resumed, begun, recovered."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.domain import transcript
from bot.domain.turn import Session
from bot.domain.utterance import Utterance
from bot.errors import SessionRecoveryError
from bot.rooms.act import Act
from bot.rooms.hearing import Hearing
from bot.rooms.ports import LeasedMind, Ledger, Mind, Stage

log = logging.getLogger(__name__)

# A seat that is new in a room is told this much of what was said before; one request to Discord.
FRESH_HISTORY = 100
# A lost thread gets this much back, the newest within a budget of characters (~50k tokens).
RECOVERED_HISTORY = 2_000
HISTORY_CHARACTERS = 200_000
# What one turn is told at most, when a seat has not been asked for long.
UNHEARD_MESSAGES = 150
UNHEARD_CHARACTERS = 60_000


class Recollection:
    """The seats' threads, by the ledger, the room's log and Discord's history."""

    def __init__(self, *, mind: Mind, stage: Stage, ledger: Ledger, hearing: Hearing) -> None:
        self._mind = mind
        self._stage = stage
        self._ledger = ledger
        self._hearing = hearing

    async def session(self, act: Act, mind: LeasedMind) -> Session:
        """The seat's thread, ready to speak: resumed, or begun with what was said before."""
        seat, fingerprint = act.turn.seat, self._mind.fingerprint(act.character)
        session = await self._ledger.session(seat)
        if session is None:
            return await self._begin(act, mind, fingerprint, FRESH_HISTORY)
        if session.fingerprint != fingerprint:
            log.info("the character has changed: its thread starts anew")
            return await self._begin(act, mind, fingerprint, RECOVERED_HISTORY)
        try:
            await mind.resume(seat, session.thread_id)
            if act.turn.codex_turn_id is not None and act.turn.thread_id == session.thread_id:
                # An earlier try left its question in the thread.
                await mind.revert(session.thread_id, act.turn.codex_turn_id)
                act.turn = replace(act.turn, codex_turn_id=None)
        except SessionRecoveryError as lost:
            log.warning("%s: the channel's history is replayed into a new one", lost)
            act.recovered = True
            await self._ledger.drop_session(seat)
            return await self._begin(act, mind, fingerprint, RECOVERED_HISTORY)
        return session

    async def unheard(self, act: Act, session: Session) -> list[Utterance]:
        """What the thread has not been told yet, without what the character said itself.

        Empty when what it was asked was deleted meanwhile, so that nothing is left to answer.
        """
        room = act.turn.room
        since = min(session.cursor, min(act.asked) - 1)
        heard = await self._hearing.since(room, since, act.heard_upto)
        asked = act.asked.intersection(one.message_id for one in heard)
        if not asked and not await self._is_there(act):
            return []
        others = [one for one in heard if one.speaker.character != act.character.key]
        first = transcript.newest_within(
            others, messages=UNHEARD_MESSAGES, characters=UNHEARD_CHARACTERS
        )
        return others[first:]

    async def _is_there(self, act: Act) -> bool:
        """Whether the trigger still stands, further back than what was read."""
        trigger = act.turn.trigger
        found = await self._stage.history(
            act.turn.room, after=trigger - 1, before=trigger + 1, limit=1
        )
        return bool(found)

    async def _begin(self, act: Act, mind: LeasedMind, fingerprint: str, messages: int) -> Session:
        room, seat, asked_from = act.turn.room, act.turn.seat, min(act.asked)
        past = await self._stage.history(room, before=asked_from, limit=messages)
        first = transcript.newest_within(past, messages=messages, characters=HISTORY_CHARACTERS)
        kept = past[first:]
        thread_id = await mind.begin(seat, transcript.lines(kept, act.character.key))
        session = Session(thread_id, fingerprint, cursor=asked_from - 1)
        if kept:
            # Only injected items put a thread on disk before its first turn has ended.
            await self._ledger.keep_session(seat, session)
        return session
