"""Keeping a seat's Codex thread in step with its room. Owns sessions: resumed, begun, rebuilt.

Before each prompt the Codex thread is rolled back past any stale message, and gets the messages
from there anew. A Codex thread that cannot be rolled back so far, or whose content is unknown, is
replaced by a new one with the history replayed.

    session ─ resume ─ stale? roll back ─ inject what the thread missed ─ the prompt
                 │          │ further than the session remembers: as lost
                 └ lost: begin a new Codex thread with the history replayed
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain import thread_view
from bot.domain.allowance import cost, fitted, is_outgrown, newest_within
from bot.domain.room import Seat
from bot.domain.turn import Session, Turn
from bot.domain.utterance import Image, SpeakerKind, Utterance, begun_by
from bot.errors import CodexError, NotPermittedError, SessionRecoveryError
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.files import Files
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.mind import LeasedMind, Mind
from bot.rooms.ports.stage import Stage
from bot.rooms.runs.fallbacks import PromptSize
from bot.rooms.runs.prompt_writer import Added, PromptWriter, Question
from bot.rooms.runs.turn_run import TurnRun
from bot.rooms.state.offsets import Offsets
from bot.rooms.state.policies import Policies
from bot.rooms.threads.edit_propagation import Edits

log = logging.getLogger(__name__)

# Messages of history at most, for a seat new in a room and for a lost Codex thread; the
# allowance limits their tokens.
FRESH_HISTORY = 100  # one request to Discord
RECOVERED_HISTORY = 2_000
# Messages of a prompt at most, when a seat has not been asked for long.
UNHEARD_MESSAGES = 150


@dataclass(frozen=True, slots=True)
class _Ready:
    """A Codex thread that is ready to answer."""

    session: Session
    replayed: int | None = None
    """Tokens of history with which the Codex thread was begun just now; None if it was resumed."""


class ThreadSync:
    """Syncs the seats' Codex threads from the ledger, the message log and Discord's history."""

    def __init__(
        self,
        *,
        mind: Mind,
        stage: Stage,
        ledger: Ledger,
        message_log: MessageLog,
        files: Files,
        edits: Edits,
        policies: Policies,
        offsets: Offsets,
    ) -> None:
        self._mind = mind
        self._stage = stage
        self._ledger = ledger
        self._message_log = message_log
        self._files = files
        self._edit_propagation, self._drift = edits.told, edits.drift
        self._policies = policies
        self._offsets = offsets
        self._writer = PromptWriter(mind)

    async def question(self, run: TurnRun, lease: LeasedMind) -> Question | None:
        """Bring the seat's Codex thread up to date, and return the prompt for it.

        None if every message that was to be answered has been deleted meanwhile. Fills the window
        of the run's attempt, and tells its speech which people the model knows of.
        """
        await self._edit_propagation.settled(run.turn.room.id)
        speech = run.attempt.speech
        speech.meet(self._message_log.lately(run.turn.room.id))
        ready = await self._thread(run, lease)
        session = ready.session
        is_blind = run.fallbacks.blind or session.blind
        heard = await self._unheard(run, session)
        speech.meet(heard)
        # Its own words can only be injected, and so is the message that they answer.
        asked = () if run.goes_on else run.asked
        parts = thread_view.parted((*heard, *run.said_before()), session, run.character.key, asked)
        session = await self._catch_up(run, lease, session, parts)
        if not await self._is_asked(run, heard):
            return None
        opened, images = await self._opened(_asked(run, parts.question))
        if _is_withdrawn(run, parts.question, opened):
            return None
        told = _asked(run, opened)
        words = self._writer.prompt(run, told, hides_pictures=is_blind and bool(images))
        if not words:
            return None
        again = [said.order - 1 for said in heard if said.message_id in run.asked]
        return Question(
            session,
            words,
            since=min([session.cursor, *again]),
            images=() if is_blind else images,
            is_blind=is_blind,
            size=_size(run, ready, told),
        )

    async def _opened(
        self, question: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """Return the prompt's messages with their files open, and its pictures.

        Fetching takes seconds: messages that were edited meanwhile are opened again.
        """
        newest = self._message_log.newest_wording(question)
        while True:
            told, images = await self._files.open(newest)
            before, newest = newest, self._message_log.newest_wording(newest)
            if newest == before:
                return told, images

    async def added(self, run: TurnRun, turn: Turn, upto: int) -> Added | None:
        """Return what was said since the prompt was built, up to the position `upto`.

        None if the message that `turn` answers is not there, or needs more than words: then `turn`
        gets a prompt of its own.
        """
        attempt = run.attempt
        session, window = attempt.session, attempt.window
        if session is None:
            return None
        heard = await self._message_log.since(turn.room, min(window.heard_upto, session.cursor))
        new = [said for said in _others(run, heard) if _is_new(run, session, said)]
        new = [said for said in new if said.order <= upto and said.message_id not in window.told]
        parts = thread_view.parted(new, session, run.character.key, {turn.trigger})
        told = frozenset(said.message_id for said in parts.question)
        # Pictures need a prompt of their own, and so does what is injected before it.
        if turn.trigger not in told or parts.missed or any(said.attachments for said in new):
            return None
        if any(self._is_unheard(said) for said in new):
            return None
        attempt.speech.meet(parts.question)
        return Added(self._writer.talk(run, parts.question), told)

    async def forget(
        self, turn: Turn, unanswered: Session, lease: LeasedMind | None = None
    ) -> None:
        """Have the Codex thread of `unanswered` forget the turn's prompt, which is asked again.

        Without a lease, or if that fails, the Codex thread forgets it before its next prompt.
        """
        if lease is None or turn.codex_turn_id is None:
            await self._ledger.keep_session(turn.seat, unanswered)
            return
        try:
            await lease.revert(unanswered.thread_id, turn.codex_turn_id)
        except SessionRecoveryError:
            await self.begin_anew(turn.seat, unanswered)
        except CodexError as error:
            log.warning("the prompt stays in its Codex thread until the next question: %s", error)
            await self._ledger.keep_session(turn.seat, unanswered)

    async def begin_anew(self, seat: Seat, session: Session) -> None:
        """Have the seat's next prompt begin a new Codex thread, with history replayed."""
        await self._ledger.drop_session(seat)
        if session.blind:
            await self._ledger.keep_session(seat, session.anew(session.fingerprint))

    # --- the Codex thread ---------------------------------------------------------------------

    async def _thread(self, run: TurnRun, lease: LeasedMind) -> _Ready:
        """Return the seat's Codex thread, ready to answer: resumed, or begun with history."""
        seat, fingerprint = run.turn.seat, self._fingerprint(run)
        session = await self._ledger.session(seat)
        if run.turn.is_regeneration:
            seen = thread_view.heard_by(session, run.turn) if session is not None else None
            asked_upto = max(run.turn.order - 1, run.turn.trigger)
            run.attempt.window.extend_to(asked_upto if seen is None else seen)
        if session is None or not session.thread_id:
            old = Session("", fingerprint) if session is None else session.anew(fingerprint)
            messages = RECOVERED_HISTORY if run.was_recovered else FRESH_HISTORY
            return await self._begin(run, lease, old, messages)
        if session.rebuilding:
            log.warning("the content of the Codex thread is unknown: it is rebuilt")
        elif session.fingerprint != fingerprint:
            log.info("the character or its history limit has changed: the Codex thread is rebuilt")
        elif is_outgrown(session.held, self._mind.profile(run.character).window):
            log.info(
                "the Codex thread holds %d tokens: it is rebuilt with the newest", session.held
            )
        else:
            try:
                turns = await lease.resume(seat, session.thread_id)
                found = await self._rolled_back(run, lease, session, turns)
            except SessionRecoveryError as lost:
                log.warning("%s: the channel's history is replayed into a new one", lost)
                run.thread_lost()
            else:
                if found is not None:
                    return _Ready(found)
                log.info("a change is too old to roll back to: the Codex thread is rebuilt")
        old = replace(session, fingerprint=fingerprint, blind=session.anew(fingerprint).blind)
        return await self._begin(run, lease, old, RECOVERED_HISTORY)

    def _fingerprint(self, run: TurnRun) -> str:
        """Return the fingerprint that a Codex thread needs: the character, the room's limit."""
        since = self._policies.since(run.turn.room)
        return self._mind.fingerprint(run.character) + (f"@{since}" if since else "")

    async def _rolled_back(
        self, run: TurnRun, lease: LeasedMind, session: Session, turns: Sequence[str]
    ) -> Session | None:
        """Roll the Codex thread back past any stale message; None if it must be rebuilt."""
        turn = run.turn
        # An earlier attempt, or a process that died, may have left its prompt in the Codex thread.
        left = turn.codex_turn_id if turn.thread_id == session.thread_id else None
        if (left := thread_view.unknown(session, turns) or left) is not None:
            await lease.revert(session.thread_id, left)
            run.question_reverted()
        stale = [
            thread_view.untrue_from(session),
            await self._drift.untrue_from(turn.room, session),
        ]
        if turn.is_regeneration and turn.trigger <= session.reach:
            stale.append(turn.trigger)
        order = min(filter(None, stale), default=0)
        if not order:
            return session
        back = thread_view.back(session, order)
        if back is None:
            return None
        # Written first: a message that becomes stale from now on marks the session again.
        await self._ledger.mend(turn.seat, replace(back.session, cut=session.cut, rebuilding=True))
        await lease.revert(session.thread_id, back.codex_turn_id)
        return replace(back.session, cut=0, rebuilding=True)

    async def _begin(self, run: TurnRun, lease: LeasedMind, old: Session, messages: int) -> _Ready:
        """Begin a new Codex thread with up to `messages` messages of history."""
        room, seat, asked_from = run.turn.room, run.turn.seat, min(run.asked)
        window = run.attempt.window
        # Written first: a message that changes while the history is read marks the session stale.
        await self._ledger.mend(seat, replace(old, rebuilding=True))
        try:
            shown = await self._stage.history(
                room, after=self._policies.since(room), before=asked_from, limit=messages
            )
        except NotPermittedError as refused:
            log.warning("the Codex thread begins without history: %s", refused)
            shown = []
        past = _newest(run, self._tellable(run, shown), messages)
        kept, along = thread_view.with_files(past, run.character.key)
        run.attempt.speech.meet(kept)
        thread_id = await lease.begin(seat, await self._writer.history(run, kept))
        cursor = min((along[0].order if along else asked_from) - 1, window.heard_upto)
        session = Session(thread_id, old.fingerprint, cursor=cursor, blind=old.blind)
        session = thread_view.begun(session, kept, run.character.key, window.at)
        if kept:
            # Only injected items put a Codex thread on disk before its first turn ends.
            await self._ledger.keep_session(seat, session)
        return _Ready(session, replayed=sum(map(cost, kept)))

    # --- messages that the Codex thread has not seen ------------------------------------------

    async def _unheard(self, run: TurnRun, session: Session) -> list[Utterance]:
        """Return the messages for the prompt, from the message log or from Discord's history."""
        room, asked, window = run.turn.room, run.asked, run.attempt.window
        since = max(min(session.cursor, min(asked) - 1), self._policies.since(room))
        far, heard = session.rebuilding or run.turn.is_regeneration, list[Utterance]()
        if not far:
            heard = await self._message_log.since(room, since)
            if not (run.goes_on or asked <= {said.message_id for said in heard}):
                # A crowd spoke meanwhile, or the message was deleted.
                far, since = True, max(since, min(asked) - 1)
        if far:
            # Further back than the message log goes, and than one prompt holds.
            before = max(window.heard_upto, *asked) + 1 if run.turn.is_regeneration else None
            after = max(begun_by(since), self._policies.since(room))
            heard = await self._stage.history(
                room, after=after, before=before, limit=RECOVERED_HISTORY
            )
        new = [said for said in heard if said.order > since and _is_new(run, session, said)]
        told = self._tellable(run, _others(run, new))
        if not run.turn.is_regeneration:
            window.heard_upto = max(window.heard_upto, session.cursor)
        window.tell(told)
        return told

    async def _catch_up(
        self, run: TurnRun, lease: LeasedMind, session: Session, parts: thread_view.Parts
    ) -> Session:
        """Inject missed messages; after a crash in between, the Codex thread is rebuilt."""
        seat, missed = run.turn.seat, parts.missed
        if missed:
            if not session.rebuilding:
                await self._ledger.keep_session(seat, replace(session, rebuilding=True))
            newest = _newest(run, missed, RECOVERED_HISTORY)
            if newest:
                lines = await self._writer.history(run, newest)
                await lease.inject(session.thread_id, lines)
        elif not session.rebuilding:
            return session
        window = run.attempt.window
        session = thread_view.told_of(
            session, parts, run.character.key, window.heard_upto, window.at
        )
        await self._ledger.keep_session(seat, session)
        return session

    def _tellable(self, run: TurnRun, shown: list[Utterance]) -> list[Utterance]:
        """Return the messages that the prompt may hold; those not yet heard are left for later."""
        window = run.attempt.window
        shown = self._message_log.newest_wording(shown)
        unheard = [
            said for said in shown if said.message_id not in run.asked and self._is_unheard(said)
        ]
        for said in unheard:
            window.leave_out(said.order)
        rest = [said for said in shown if said not in unheard]
        return [
            said for said in rest if window.may_tell(said, read=not self._message_log.has(said))
        ]

    def _is_unheard(self, said: Utterance) -> bool:
        """Return whether Discord shows a message that the gateway has not delivered yet."""
        if said.speaker.kind is SpeakerKind.CHARACTER:
            return False
        if self._offsets.passed(said.room_id, said.message_id):
            return False
        # The gateway delivers a room's messages in order.
        return said.message_id > self._message_log.newest(said.room_id)

    async def _is_asked(self, run: TurnRun, heard: list[Utterance]) -> bool:
        """Return whether a message to be answered still stands, in `heard` or further back."""
        if run.goes_on or run.asked.intersection(said.message_id for said in heard):
            return True
        trigger = run.turn.trigger
        found = await self._stage.history(
            run.turn.room, after=trigger - 1, before=trigger + 1, limit=1
        )
        return bool(found)


def _is_new(run: TurnRun, session: Session, said: Utterance) -> bool:
    """Return whether the Codex thread has not seen `said`, or is asked about it again."""
    if said.message_id in run.asked:
        return True
    # An answer that was streamed slowly may start before messages that the Codex thread has seen
    # meanwhile.
    return said.order > session.cursor and said.message_id not in session.ahead


def _is_withdrawn(run: TurnRun, question: Sequence[Utterance], told: Sequence[Utterance]) -> bool:
    """Return whether all messages to be answered were deleted while their files were fetched."""
    asked = run.asked.intersection(said.message_id for said in question)
    left = asked.intersection(said.message_id for said in told)
    return bool(asked) and not left and not run.goes_on


def _others(run: TurnRun, heard: list[Utterance]) -> list[Utterance]:
    """Return `heard` without what this turn has shown, by an earlier attempt or an action."""
    return [said for said in heard if said.turn != run.turn.id]


def _newest(run: TurnRun, past: Sequence[Utterance], messages: int) -> Sequence[Utterance]:
    """Return the newest of the messages before the prompt, as much as the allowance holds."""
    tokens = run.fallbacks.may_hold.history
    newest = past[newest_within(past, messages=messages, tokens=tokens) :]
    # A last message that is too long by itself is clipped.
    return newest or (fitted(past[-1:], (), messages=1, tokens=tokens) if tokens else ())


def _asked(run: TurnRun, question: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Return the newest messages, and all that are to be answered, however many came after."""
    tokens = run.fallbacks.may_hold.question
    return fitted(question, run.asked, messages=UNHEARD_MESSAGES, tokens=tokens)


def _size(run: TurnRun, ready: _Ready, told: Sequence[Utterance]) -> PromptSize:
    """Return how much the prompt and a new Codex thread hold; a resumed one holds up to all."""
    used = replace(run.fallbacks.may_hold, question=sum(map(cost, told)))
    if ready.replayed is None:
        return PromptSize(used)
    return PromptSize(replace(used, history=ready.replayed), is_new_thread=True)
