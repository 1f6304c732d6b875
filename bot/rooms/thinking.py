"""Asking a mind for the words of one turn: from the lease to a text on record. Owns what runs.

    lease ─ resume/begin ─ the question ─ running ─ words… ─ recorded
      ▲         │ thread lost: begin anew with the history replayed
      └─────────┴ process died: lease another, take back the half turn, ask again

What the thread is told is `recollection`'s; how words reach Discord is the stage's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TypeVar, assert_never

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from bot.domain import cut_answers, repetition
from bot.domain.inline import veiled
from bot.domain.room import Room
from bot.domain.turn import (
    Began,
    Finished,
    MindEvent,
    Retracted,
    Settled,
    Turn,
    TurnState,
    Words,
)
from bot.domain.visible import says_nothing
from bot.errors import (
    DeliveryError,
    SessionRecoveryError,
    StoreError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)
from bot.rooms.act import Act
from bot.rooms.hearing import Hearing
from bot.rooms.open_questions import OpenQuestions
from bot.rooms.ports import LeasedMind, Ledger, Mind
from bot.rooms.recollection import Added, Question, Recollection
from bot.rooms.scenes import Scene
from bot.tasks import AT_ONCE, Aside, unless

log = logging.getLogger(__name__)

# Tries before a turn is given up: app-servers that die under it, threads that are lost. Whatever
# ends every one of them would end the fifth as well. A question that is put another way is not
# counted: there are only so many ways.
ATTEMPTS = 5
# Seconds before the second and each later try after an app-server died: one that dies of this
# machine's state (memory, disk) would else be started as fast as it can die.
PAUSES = (0.0, 0.25, 0.5, 1.0)
# For one whole answer, over all its tries: CODEX_ANSWER_TIMEOUT where it is not given.
ANSWER_SECONDS = 300.0

# After these, what was said to its end stays; after others it might have been taken back.
_BROKEN_OFF = frozenset({TurnFailure.UNREACHABLE, TurnFailure.OVERLOADED, TurnFailure.ENDLESS})

T = TypeVar("T")
Show = Callable[[str], None]
"""Shows the whole speech so far; never blocks."""


class _AnotherWayError(TurnFailedError):
    """It failed, and is asked in another way."""


class Thinking:
    """The turns that are being thought. One at a time for a seat: `seats` sees to that.

    What an answer has come to after `answer_seconds` is all that there will be of it.
    """

    def __init__(
        self,
        *,
        mind: Mind,
        ledger: Ledger,
        hearing: Hearing,
        recollection: Recollection,
        questions: OpenQuestions,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._mind = mind
        self._ledger = ledger
        self._hearing = hearing
        self._recollection = recollection
        self._answer_seconds = answer_seconds
        self._questions = questions
        self._aside = Aside()

    def asked(self, room_id: int, order: int) -> frozenset[str]:
        """The characters of that room that are being asked with something from `order` on."""
        return self._questions.asked(room_id, order)

    def unbegun(self, room: Room) -> list[Turn]:
        """The turns that are being thought there, without a word that was shown."""
        return self._questions.unbegun(room)

    async def think(self, act: Act, scene: Scene, show: Show) -> None:
        """Have the turn thought, over dead processes and lost threads.

        Afterwards `act.turn` is RECORDED with its text, or has none because nothing was to be said.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(
                (TransportClosedError, SessionRecoveryError, _AnotherWayError)
            ),
            stop=lambda state: state.attempt_number - act.way.changes >= ATTEMPTS,
            wait=lambda state: _pause(state, act.way.deaths),
            before_sleep=_say_again,
            reraise=True,
        )
        with self._questions.hold(act):
            act.scene = scene
            try:
                async for attempt in retrying:
                    with attempt:
                        await self._attempt(act, scene, show)
                await self._record(act, scene)
            finally:
                act.scene = None

    async def steer(self, turn: Turn) -> None:
        """Make `turn` part of the question that its seat is being asked, if it is not too late.

        It is joined then, as if it had come before.
        """
        act = self._questions.of(turn.seat)
        if act is None or not act.takes_in(turn):
            return
        async with act.steering:
            # Before anything is awaited: what is said meanwhile is not among the words.
            upto = max(self._hearing.latest(turn.room.id), turn.trigger)
            more = await self._added(act, turn, upto)
            if more is None or (asked := act.mind) is None or not act.takes_in(turn):
                return
            try:
                added = await _steered(act, asked, more.words)
            except TransportClosedError as error:
                log.warning("whether it was added is not known: %s", error)
                act.unsure = asked
            else:
                if added:
                    act.add(more.told, upto)
                    if act.scene is not None:
                        act.scene.ask_more()

    async def _added(self, act: Act, turn: Turn, upto: int) -> Added | None:
        """What `turn` adds to the question; None when it is to be asked by itself."""
        try:
            return await self._recollection.added(act, turn, upto)
        except (DeliveryError, StoreError) as error:
            log.info("what came meanwhile cannot be read, and waits: %s", error)
            return None

    # --- one try ----------------------------------------------------------------------------

    async def _attempt(self, act: Act, scene: Scene, show: Show) -> None:
        async with AsyncExitStack() as held:
            mind = await self._lease(act, scene, held)
            if mind is None:
                # An earlier try may have left its question in the thread.
                await self._recollection.forget(act)
                act.stopped = True
                return
            scene.begin()
            act.begin(self._hearing.latest(act.turn.room.id))
            scene.askers = act.askers
            question = await self._recollection.question(act, mind)
            if question is None:
                act.deleted = True
                return
            act.session, act.scope.since = question.session, question.since
            await self._ask(act, mind, scene, question, show)
            async with act.steering:  # what is being added belongs to it, or it does not
                if act.unsure is mind:
                    # Asked again, with all that waits: by itself it might be answered twice.
                    raise TransportClosedError("what was added to the question is not known")

    async def _lease(self, act: Act, scene: Scene, held: AsyncExitStack) -> LeasedMind | None:
        """A mind; None when a person did not want to wait for one."""
        if scene.stopped.is_set():
            return None

        def wait(place: int) -> None:
            scene.waiting = place

        asked = act.seconds()
        mind: LeasedMind | None = None
        async with unless(scene.stopped):
            mind = await held.enter_async_context(self._mind.lease(act.character, on_wait=wait))
        scene.waiting, act.waited = None, act.seconds() - asked
        return mind

    async def _ask(
        self, act: Act, mind: LeasedMind, scene: Scene, question: Question, show: Show
    ) -> None:
        try:
            await self._listen(act, mind, scene, question, show)
        except TurnFailedError as error:
            await self._recollection.forget(act, mind)
            if _is_kept(act, error):
                act.cut = True
                return
            if await self._is_put_another_way(act, question, error):
                raise _AnotherWayError(error.reason, error.detail) from error
            raise
        except TransportClosedError:
            act.way.died(with_pictures=bool(question.images))
            raise
        if not act.finished or act.speech.was_cut or act.goes_on:
            # It holds a part of an answer, or more than was said, and will be told what was shown.
            await self._recollection.forget(act, mind)

    async def _is_put_another_way(
        self, act: Act, question: Question, error: TurnFailedError
    ) -> bool:
        """Whether another way may go well, so that nobody needs to know of this one."""
        if act.speech.was_cut and act.way.plainly(error):
            return True
        before = self._mind.profile(act.character).window
        if error.window is not None:
            self._mind.learn_window(act.character, error.window)
        if question.images and act.way.without_pictures(error):
            return True
        now = self._mind.profile(act.character).window
        if not act.way.with_less_talk(error, before, now):
            return False
        act.recovered = True
        await self._recollection.begin_anew(act, question.session)
        return True

    async def _listen(
        self, act: Act, mind: LeasedMind, scene: Scene, question: Question, show: Show
    ) -> None:
        thread_id = question.session.thread_id
        act.mind = mind
        try:
            async with (
                self._in_time(act),
                unless(scene.stopped),
                mind.speak(thread_id, question.words, question.images) as events,
            ):
                try:
                    async for event in events:
                        await self._follow(act, scene, event, show)
                        if act.speech.is_over or act.cut:
                            log.warning("the answer was cut: what follows is not wanted")
                            break
                finally:
                    act.tokens += events.usage.total_tokens
        finally:
            act.mind = None
            scene.codex_turn_id = None
        said_all = act.finished or act.speech.is_over
        act.stopped = not (said_all or act.cut)
        text, is_skip = await self._read(act, _said)
        if is_skip:
            # It had nothing to say, and only failed to say that by a call.
            scene.skip("in words")
        silent = says_nothing(text) or act.adds_nothing(text)
        if said_all and silent and scene.skipped is None and not scene.acted:
            raise TurnFailedError(TurnFailure.EMPTY)

    async def _follow(self, act: Act, scene: Scene, event: MindEvent, show: Show) -> None:
        match event:
            case Began(codex_turn_id=codex_turn_id):
                scene.codex_turn_id = codex_turn_id
                thread_id = act.session.thread_id if act.session is not None else None
                act.turn = replace(
                    act.turn,
                    state=TurnState.RUNNING,
                    thread_id=thread_id,
                    codex_turn_id=codex_turn_id,
                )
                await self._ledger.run(act.turn)
            case Words(text=text):
                await _take_in(act, text)
            case Retracted():
                act.speech.retract()
            case Settled(text=text):
                act.speech.settle(text, await self._aside.read(text, act.speech.read, text))
            case Finished(usage=usage):
                act.finished, act.held = True, usage.held
            case _:
                assert_never(event)
        if isinstance(event, Words | Settled) and (shown := act.speech.so_far()):
            act.first_words = act.first_words or act.since_accepted()
            act.repeats = repetition.second_round(shown)
            act.cut = act.repeats is not None
            show(act.whole(shown, is_whole=False))
        if isinstance(event, Words | Settled) and len(event.text) > AT_ONCE:
            await asyncio.sleep(0)  # others first: what comes next may be as long

    @asynccontextmanager
    async def _in_time(self, act: Act) -> AsyncIterator[None]:
        """Leave an answer that takes too long. Raises `TurnFailedError` when nothing was said."""
        loop = asyncio.get_running_loop()
        act.due = act.due or loop.time() + self._answer_seconds
        try:
            async with asyncio.timeout_at(act.due) as limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            if not act.speech.so_far():
                raise TurnFailedError(TurnFailure.ENDLESS, "nothing was said in time") from None
            log.warning("the answer was cut: it took too long")
            act.cut = True

    # --- what it came to --------------------------------------------------------------------

    async def _record(self, act: Act, scene: Scene) -> None:
        text = await self._read(act, _text)
        if scene.skipped is not None or says_nothing(text):
            return
        along = tuple(sorted(act.askers - {act.turn.asker}))
        act.turn = replace(act.turn.answered(text), along=along)
        await self._ledger.record(act.turn, session=act.remembered(), joined=act.ended_with())

    async def _read(self, act: Act, work: Callable[[Act], T]) -> T:
        """What `work` makes of the whole speech, in a thread where that is long.

        The stream is over by then: nobody changes the speech while a thread reads it.
        """
        return await self._aside.run(work, act) if act.speech.length > AT_ONCE else work(act)


def _is_kept(act: Act, error: TurnFailedError) -> bool:
    """Whether what was said before it failed stays, as an answer that was cut."""
    if error.reason is TurnFailure.CUT_SHORT:
        act.speech.break_off()
        return bool(act.speech.so_far())
    if error.reason in _BROKEN_OFF and act.speech.text():
        act.speech.retract()  # of what was not whole nobody knows whether it would have stayed
        return True
    return False


async def _take_in(act: Act, words: str) -> None:
    """Hear words that came at once, thousands perhaps, and let others be heard in between."""
    for at in range(0, len(words), AT_ONCE):
        act.speech.add(words[at : at + AT_ONCE])
        if len(words) > AT_ONCE:
            act.speech.so_far()
            await asyncio.sleep(0)


def _said(act: Act) -> tuple[str, bool]:
    """All that the character said, and whether the model only called `skip` in words."""
    return act.speech.text(), act.speech.is_skip


def _text(act: Act) -> str:
    """The text of record; what an answer that ends early was about to hide stays hidden."""
    if act.stopped or act.cut:
        words = act.speech.so_far(newest=True)[: act.repeats]
        mark = cut_answers.STOPPED if act.stopped else cut_answers.CUT
        return cut_answers.marked(veiled(act.whole(words)), mark)
    return act.whole(act.speech.text())


async def _steered(act: Act, mind: LeasedMind, words: str) -> bool:
    thread_id, codex_turn_id = act.turn.thread_id, act.turn.codex_turn_id
    if thread_id is None or codex_turn_id is None:
        return False
    return await mind.steer(thread_id, codex_turn_id, words)


def _pause(state: RetryCallState, deaths: int) -> float:
    """Seconds before the next try."""
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, TransportClosedError) or not deaths:
        return 0.0
    return PAUSES[min(deaths, len(PAUSES)) - 1]


def _say_again(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("asking again: %s", error)
