"""What a seat's thread knows and has still to be told. Owns sessions: resumed, begun, mended.

A thread follows what its room shows. Before it is asked it forgets what is not so any more, and is
told anew from there; what it cannot forget, or may hold in part, is replayed into a new one.

    session ─ resume ─ taken back? ─ what it missed is injected ─ the question
                 │          │ further than it can: as lost
                 └ lost: a new thread with the history replayed
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.domain import recall, transcript
from bot.domain.allowance import cost, fitted, is_outgrown, newest_within
from bot.domain.lateness import lateness, note
from bot.domain.model_profile import TranscriptStyle
from bot.domain.sanitizing import clean_name
from bot.domain.turn import Line, Session, Turn
from bot.domain.utterance import Image, SpeakerKind, Utterance, begun_by
from bot.errors import CodexError, NotPermittedError, SessionRecoveryError
from bot.rooms.act import Act
from bot.rooms.changes import Edits
from bot.rooms.hearing import Hearing
from bot.rooms.offsets import Offsets
from bot.rooms.policies import Policies
from bot.rooms.ports import Files, LeasedMind, Ledger, Mind, Stage

log = logging.getLogger(__name__)

# Messages, whose tokens the allowance limits: for a seat new in a room, and for a lost thread.
FRESH_HISTORY = 100  # one request to Discord
RECOVERED_HISTORY = 2_000
# What one turn is told at most, when a seat has not been asked for long.
UNHEARD_MESSAGES = 150

# At the left edge, where no person's words can stand.
BLIND = "[You cannot look at these pictures. Say so when it matters.]"
GO_ON = "[You are asked to go on where you stopped: carry straight on, repeat nothing.]"
PLAIN = "[Answer with {name}'s own words only: nobody's name in front, nobody else's words.]"


@dataclass(frozen=True, slots=True)
class Question:
    """What the thread of `session` is asked: `words`, with what was said after `since`."""

    session: Session
    words: str
    since: int
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """Words for a question that runs, and the messages that they tell of."""

    words: str
    told: frozenset[int]


class Recollection:
    """The seats' Codex threads, by the ledger, the room's log and Discord's history."""

    def __init__(
        self,
        *,
        mind: Mind,
        stage: Stage,
        ledger: Ledger,
        hearing: Hearing,
        files: Files,
        edits: Edits,
        policies: Policies,
        offsets: Offsets,
    ) -> None:
        self._mind = mind
        self._stage = stage
        self._ledger = ledger
        self._hearing = hearing
        self._files = files
        self._told_changes, self._unseen = edits.told, edits.unseen
        self._policies = policies
        self._offsets = offsets

    async def question(self, act: Act, mind: LeasedMind) -> Question | None:
        """Have the seat's thread ready, knowing all that came before, and say what to ask it.

        None when what it was asked was deleted meanwhile, so that nothing is left to answer.
        """
        await self._told_changes.settled(act.turn.room.id)
        act.way.take(self._mind.profile(act.character))
        act.speech.meet(self._hearing.lately(act.turn.room.id))
        session = await self._thread(act, mind)
        act.way.blind = act.way.blind or session.blind
        heard = await self._unheard(act, session)
        act.speech.meet(heard)
        # Its own words can only be injected, and so is the message that they answer.
        begun, asked = ((act.said_before(),), ()) if act.goes_on else ((), act.asked)
        parts = recall.parted((*heard, *begun), session, act.character.key, asked)
        session = await self._catch_up(act, mind, session, parts)
        if not await self._is_asked(act, heard):
            return None
        opened, images = await self._opened(_asked(act, parts.question))
        if _is_withdrawn(act, parts.question, opened):
            return None
        told = _asked(act, opened)
        act.way.used = replace(act.way.used, question=sum(map(cost, told)))
        words = self._words(act, told, hides_pictures=act.way.blind and bool(images))
        again = [one.order - 1 for one in heard if one.message_id in act.asked]
        since = min([session.cursor, *again])
        shown = () if act.way.blind else images
        return Question(session, words, since, shown) if words else None

    async def _opened(
        self, question: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """The question with its files, as it reads once those are here: fetching takes seconds."""
        newest = self._hearing.newest_wording(question)
        while True:
            told, images = await self._files.open(newest)
            before, newest = newest, self._hearing.newest_wording(newest)
            if newest == before:
                return told, images

    async def added(self, act: Act, turn: Turn, upto: int) -> Added | None:
        """What was said since `act` was asked, up to the order `upto`; None when it must wait.

        It must when `turn`'s question is not there, or needs more than words.
        """
        session = act.session
        if session is None:
            return None
        said = await self._hearing.since(turn.room, min(act.scope.heard_upto, session.cursor))
        new = [one for one in _others(act, said) if _is_new(act, session, one)]
        new = [one for one in new if one.order <= upto and one.message_id not in act.scope.told]
        parts = recall.parted(new, session, act.character.key, {turn.trigger})
        told = frozenset(one.message_id for one in parts.question)
        # Pictures go with a question of their own, and so does what is injected before it.
        if turn.trigger not in told or parts.missed or any(one.attachments for one in new):
            return None
        if any(self._is_unheard(one) for one in new):
            return None
        act.speech.meet(parts.question)
        return Added(self._rendered(act, parts.question), told)

    async def forget(self, act: Act, mind: LeasedMind | None = None) -> None:
        """The thread must not remember a question without its answer: it will be asked again.

        Without a `mind` it forgets that when it is asked next.
        """
        unanswered, codex_turn_id = act.unanswered(), act.turn.codex_turn_id
        act.session = None
        if unanswered is None or codex_turn_id is None:
            return
        if mind is None:
            await self._ledger.keep_session(act.turn.seat, unanswered)
            return
        try:
            await mind.revert(unanswered.thread_id, codex_turn_id)
        except SessionRecoveryError:
            await self.begin_anew(act, unanswered)
        except CodexError as error:
            log.warning("the turn stays in its thread until that is asked again: %s", error)
            await self._ledger.keep_session(act.turn.seat, unanswered)

    async def begin_anew(self, act: Act, session: Session) -> None:
        """The seat's next question begins a new thread, told what was said before."""
        await self._ledger.drop_session(act.turn.seat)
        if session.blind:
            await self._ledger.keep_session(act.turn.seat, session.anew(session.fingerprint))

    # --- the thread -------------------------------------------------------------------------

    async def _thread(self, act: Act, mind: LeasedMind) -> Session:
        """The seat's thread, ready to speak: resumed, or begun with what was said before."""
        seat, fingerprint = act.turn.seat, self._fingerprint(act)
        session = await self._ledger.session(seat)
        if act.turn.is_retake:
            known = recall.heard_by(session, act.turn) if session is not None else None
            act.scope.go_to(max(act.turn.order - 1, act.turn.trigger) if known is None else known)
        if session is None or not session.thread_id:
            old = Session("", fingerprint) if session is None else session.anew(fingerprint)
            messages = RECOVERED_HISTORY if act.recovered else FRESH_HISTORY
            return await self._begin(act, mind, old, messages)
        if session.mending:
            log.warning("the thread may hold a part of what was said: it is made anew")
        elif session.fingerprint != fingerprint:
            log.info("the character has changed, or was to forget: its thread starts anew")
        elif is_outgrown(session.held, self._mind.profile(act.character).window):
            log.info("the thread holds %d tokens: it starts anew, with the newest", session.held)
        else:
            try:
                turns = await mind.resume(seat, session.thread_id)
                found = await self._taken_back(act, mind, session, turns)
            except SessionRecoveryError as lost:
                log.warning("%s: the channel's history is replayed into a new one", lost)
                act.recovered = True
            else:
                if found is not None:
                    return found
                log.info("what has changed was said long ago: the thread starts anew")
        old = replace(session, fingerprint=fingerprint, blind=session.anew(fingerprint).blind)
        return await self._begin(act, mind, old, RECOVERED_HISTORY)

    def _fingerprint(self, act: Act) -> str:
        """What the thread must have been started with: the character, and how much it may know."""
        since = self._policies.since(act.turn.room)
        return self._mind.fingerprint(act.character) + (f"@{since}" if since else "")

    async def _taken_back(
        self, act: Act, mind: LeasedMind, session: Session, turns: Sequence[str]
    ) -> Session | None:
        """The session, with nothing in its thread that is not so; None when that cannot be."""
        turn = act.turn
        # An earlier try left its question in the thread, or a process that died did.
        left = turn.codex_turn_id if turn.thread_id == session.thread_id else None
        if (left := recall.unknown(session, turns) or left) is not None:
            await mind.revert(session.thread_id, left)
            act.turn = replace(turn, codex_turn_id=None)
        orders = [recall.untrue_from(session), await self._unseen.untrue_from(turn.room, session)]
        if turn.is_retake and turn.trigger <= session.reach:
            orders.append(turn.trigger)
        order = min(filter(None, orders), default=0)
        if not order:
            return session
        back = recall.back(session, order)
        if back is None:
            return None
        # Written first: what is cut from now on is cut again.
        await self._ledger.mend(turn.seat, replace(back.session, cut=session.cut, mending=True))
        await mind.revert(session.thread_id, back.codex_turn_id)
        return replace(back.session, cut=0, mending=True)

    async def _begin(self, act: Act, mind: LeasedMind, old: Session, messages: int) -> Session:
        room, seat, asked_from = act.turn.room, act.turn.seat, min(act.asked)
        # Written first: what changes while the history is read is cut.
        await self._ledger.mend(seat, replace(old, mending=True))
        try:
            shown = await self._stage.history(
                room, after=self._policies.since(room), before=asked_from, limit=messages
            )
        except NotPermittedError as refused:
            log.warning("it begins without what was said before: %s", refused)
            shown = []
        past = _newest(act, self._tellable(act, shown), messages)
        kept, along = recall.with_files(past, act.character.key)
        act.speech.meet(kept)
        act.way.used = replace(act.way.used, history=sum(map(cost, kept)))
        act.way.replayed = True
        thread_id = await mind.begin(seat, await self._lines(act, kept))
        cursor = min((along[0].order if along else asked_from) - 1, act.scope.heard_upto)
        session = Session(thread_id, old.fingerprint, cursor=cursor, blind=old.blind)
        session = recall.begun(session, kept, act.character.key, act.scope.at)
        if kept:
            # Only injected items put a thread on disk before its first turn has ended.
            await self._ledger.keep_session(seat, session)
        return session

    # --- what it has not heard --------------------------------------------------------------

    async def _unheard(self, act: Act, session: Session) -> list[Utterance]:
        room = act.turn.room
        since = max(min(session.cursor, min(act.asked) - 1), self._policies.since(room))
        far, heard = session.mending or act.turn.is_retake, list[Utterance]()
        if not far:
            heard = await self._hearing.since(room, since)
            if not (act.goes_on or act.asked <= {one.message_id for one in heard}):
                # A crowd spoke meanwhile, or it was deleted.
                far, since = True, max(since, min(act.asked) - 1)
        if far:
            # Further back than the log goes, and than one turn is told.
            before = max(act.scope.heard_upto, *act.asked) + 1 if act.turn.is_retake else None
            after = max(begun_by(since), self._policies.since(room))
            heard = await self._stage.history(
                room, after=after, before=before, limit=RECOVERED_HISTORY
            )
        fresh = [one for one in heard if one.order > since and _is_new(act, session, one)]
        told = self._tellable(act, _others(act, fresh))
        if not act.turn.is_retake:
            act.scope.heard_upto = max(act.scope.heard_upto, session.cursor)
        act.scope.tell(told)
        return told

    async def _catch_up(
        self, act: Act, mind: LeasedMind, session: Session, parts: recall.Parts
    ) -> Session:
        """Inject what was missed. A crash in between leaves a thread that is made anew."""
        seat, missed = act.turn.seat, parts.missed
        if missed:
            if not session.mending:
                await self._ledger.keep_session(seat, replace(session, mending=True))
            newest = _newest(act, missed, RECOVERED_HISTORY)
            if newest:
                await mind.inject(session.thread_id, await self._lines(act, newest))
        elif not session.mending:
            return session
        scope = act.scope
        session = recall.told_of(session, parts, act.character.key, scope.heard_upto, scope.at)
        await self._ledger.keep_session(seat, session)
        return session

    def _tellable(self, act: Act, shown: list[Utterance]) -> list[Utterance]:
        """What of it the question may hold; what is not heard yet is left out."""
        shown = self._hearing.newest_wording(shown)
        held = [one for one in shown if one.message_id not in act.asked and self._is_unheard(one)]
        for one in held:
            act.scope.leave_out(one.order)
        rest = [one for one in shown if one not in held]
        return [one for one in rest if act.scope.may_tell(one, read=not self._hearing.has(one))]

    def _is_unheard(self, said: Utterance) -> bool:
        """Whether Discord shows it before the gateway told of it: nobody has decided on it."""
        if said.speaker.kind is SpeakerKind.CHARACTER:
            return False
        if self._offsets.passed(said.room_id, said.message_id):
            return False
        # The gateway tells of a room's messages in order.
        return said.message_id > self._hearing.newest(said.room_id)

    async def _is_asked(self, act: Act, heard: list[Utterance]) -> bool:
        """Whether anything that is asked still stands, further back than what was read too."""
        if act.goes_on or act.asked.intersection(one.message_id for one in heard):
            return True
        trigger = act.turn.trigger
        found = await self._stage.history(
            act.turn.room, after=trigger - 1, before=trigger + 1, limit=1
        )
        return bool(found)

    # --- how it is written ------------------------------------------------------------------

    def _rendered(self, act: Act, talk: Sequence[Utterance]) -> str:
        return transcript.render(
            talk, self._style(act), own=act.character.name, people=act.speech.people
        )

    async def _lines(self, act: Act, talk: Sequence[Utterance]) -> list[Line]:
        """Beside the loop: two thousand messages take a tenth of a second."""
        who = act.character
        write = partial(transcript.lines, own=who.name, people=act.speech.people)
        return await asyncio.to_thread(write, talk, who.key, self._style(act))

    def _style(self, act: Act) -> TranscriptStyle:
        """How talk is written for it; plainly where it copied what it was shown."""
        return TranscriptStyle.NAMES if act.way.plain else self._mind.profile(act.character).style

    def _words(self, act: Act, told: Sequence[Utterance], *, hides_pictures: bool) -> str:
        waited = lateness(act.turn, max(act.asked), self._stage.now())
        notes = (
            BLIND if hides_pictures else "",
            note(waited) if waited is not None else "",
            GO_ON if act.goes_on else "",
            PLAIN.format(name=clean_name(act.character.name)) if act.way.plain else "",
        )
        return "\n".join(filter(None, (self._rendered(act, told), *notes)))


def _is_new(act: Act, session: Session, said: Utterance) -> bool:
    """Whether the thread was not told of it, or is asked it once more."""
    if said.message_id in act.asked:
        return True
    # Words that took long may have begun before what the thread was told meanwhile.
    return said.order > session.cursor and said.message_id not in session.ahead


def _is_withdrawn(act: Act, question: Sequence[Utterance], told: Sequence[Utterance]) -> bool:
    """Whether all of `question` that is to be answered was deleted while its files were fetched."""
    asked = act.asked.intersection(said.message_id for said in question)
    left = asked.intersection(said.message_id for said in told)
    return bool(asked) and not left and not act.goes_on


def _others(act: Act, heard: list[Utterance]) -> list[Utterance]:
    """What the turn itself has shown, by an earlier try or an action, is not asked of it."""
    return [one for one in heard if one.turn != act.turn.id]


def _newest(act: Act, past: Sequence[Utterance], messages: int) -> Sequence[Utterance]:
    """The newest of what was said before, as much as a thread is told."""
    tokens = act.way.may_hold.history
    newest = past[newest_within(past, messages=messages, tokens=tokens) :]
    # Too long for it by itself, it is told in part.
    return newest or (fitted(past[-1:], (), messages=1, tokens=tokens) if tokens else ())


def _asked(act: Act, question: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """What one turn is told: the newest, and all that it is asked, however many spoke meanwhile."""
    tokens = act.way.may_hold.question
    return fitted(question, act.asked, messages=UNHEARD_MESSAGES, tokens=tokens)
