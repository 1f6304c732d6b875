"""Model turns: asking a model for the words of one turn, from the lease to a text on record.

    lease ─ resume or begin a Codex thread ─ prompt ─ Began ─ words … ─ Finished ─ recorded
      ▲         │ Codex thread lost: begin another, with the history replayed
      └─────────┴ process died: lease another, revert the unanswered prompt, ask again

Owns the attempts of each running turn: how many, when, and with which fallback. `thread_sync`
builds the prompt; `model_stream` follows the answer; the stage brings words to Discord.
"""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from bot.domain import cut_answers
from bot.domain.inline import veiled
from bot.domain.room import Room
from bot.domain.speech import Speech
from bot.domain.turn import Turn
from bot.domain.visible import says_nothing
from bot.errors import (
    DeliveryError,
    SessionRecoveryError,
    StoreError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.mind import LeasedMind, Mind
from bot.rooms.runs.attempt import Attempt, AttemptEnd
from bot.rooms.runs.open_questions import ModelTurn, OpenQuestions, Show
from bot.rooms.runs.prompt_writer import Added, Question
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.runs.turn_results import (
    Acted,
    Answered,
    ModelResult,
    Skipped,
    Stopped,
    TargetDeleted,
)
from bot.rooms.runs.turn_run import TurnRun
from bot.rooms.threads.thread_sync import ThreadSync
from bot.rooms.turns.model_stream import ModelStream
from bot.tasks import unless

log = logging.getLogger(__name__)

# Attempts before a turn fails, where app-servers die or Codex threads are lost. A cause that ended
# four attempts would end the fifth as well. Fallbacks are not counted: `Fallbacks` limits them.
ATTEMPTS = 5
# Seconds before the second and each later attempt after an app-server died. A process that dies for
# lack of memory or disk would otherwise be restarted as fast as it dies.
PAUSES = (0.0, 0.25, 0.5, 1.0)
# Seconds for a whole answer, over all attempts, where CODEX_ANSWER_TIMEOUT is not given.
ANSWER_SECONDS = 300.0

# After these failures the complete pieces of the answer are kept. After any other failure the model
# might have retracted them.
_KEEPS_WORDS = frozenset({TurnFailure.UNREACHABLE, TurnFailure.OVERLOADED, TurnFailure.ENDLESS})


class _FallbackError(TurnFailedError):
    """The attempt failed, and a fallback is tried."""


class ModelTurns:
    """The turns whose model is being asked. `turn_queues` runs one turn at a time for each seat.

    An answer that is not complete after `answer_seconds` is cut there.
    """

    def __init__(
        self,
        *,
        mind: Mind,
        ledger: Ledger,
        message_log: MessageLog,
        thread_sync: ThreadSync,
        questions: OpenQuestions,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._mind = mind
        self._ledger = ledger
        self._message_log = message_log
        self._thread_sync = thread_sync
        self._stream = ModelStream(ledger, answer_seconds=answer_seconds)
        self._questions = questions

    def asked(self, room_id: int, order: int) -> frozenset[str]:
        """Return the characters of the room whose prompt may hold messages from `order` on."""
        return self._questions.asked(room_id, order)

    def unbegun(self, room: Room) -> list[Turn]:
        """Return the room's turns whose model is being asked and of which no word was shown."""
        return self._questions.unbegun(room)

    async def ask(self, run: TurnRun, running: RunningTurn, show: Show) -> ModelResult:
        """Have a model answer the turn, in as many attempts as are needed.

        `Answered`: the run's record is RECORDED with the text. Raises the error of the last
        attempt, after which the run can be asked again.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(
                (TransportClosedError, SessionRecoveryError, _FallbackError)
            ),
            stop=lambda state: state.attempt_number - run.fallbacks.changes >= ATTEMPTS,
            wait=lambda state: _pause(state, run.fallbacks.deaths),
            before_sleep=_log_retry,
            reraise=True,
        )
        model_turn = ModelTurn(run, running, show)
        with self._questions.hold(model_turn):
            end: AttemptEnd = await retrying(self._attempt, model_turn)
            return await self._result(model_turn, end)

    async def steer(self, turn: Turn) -> None:
        """Add `turn` to the prompt that its seat's model is answering, if it is not too late.

        It joins the run then, as if it had waited when the prompt was built.
        """
        model_turn = self._questions.of(turn.seat)
        if model_turn is None or not model_turn.run.takes_in(turn):
            return
        run = model_turn.run
        async with run.steering:
            attempt = run.attempt
            # Before the first await: later messages are not among the words to be added.
            upto = max(self._message_log.latest(turn.room.id), turn.trigger)
            added = await self._added(run, turn, upto)
            if added is None or not run.takes_in(turn):
                return
            await self._steer(model_turn, attempt, added, upto)

    async def _steer(
        self, model_turn: ModelTurn, attempt: Attempt, added: Added, upto: int
    ) -> None:
        thread_id, codex_turn_id = model_turn.run.turn.thread_id, model_turn.run.turn.codex_turn_id
        if attempt.lease is None or thread_id is None or codex_turn_id is None:
            return  # the attempt has ended meanwhile; the next has asked all that waits
        try:
            is_added = await attempt.lease.steer(thread_id, codex_turn_id, added.words)
        except TransportClosedError as error:
            log.warning("cannot tell whether the message was added to the prompt: %s", error)
            attempt.is_unsure = True
            return
        if is_added:
            model_turn.run.add(attempt, added.told, upto)
            if self._questions.of(model_turn.run.turn.seat) is model_turn:
                model_turn.running.ask_more()

    async def _added(self, run: TurnRun, turn: Turn, upto: int) -> Added | None:
        """Return what `turn` adds to the prompt; None if it needs a prompt of its own."""
        try:
            return await self._thread_sync.added(run, turn, upto)
        except (DeliveryError, StoreError) as error:
            log.info("newer messages cannot be read, and wait: %s", error)
            return None

    # --- one attempt ------------------------------------------------------------------------

    async def _attempt(self, model_turn: ModelTurn) -> AttemptEnd:
        run, running = model_turn.run, model_turn.running
        async with AsyncExitStack() as held:
            lease = await self._lease(model_turn, held)
            if lease is None:
                # An earlier attempt may have left its prompt in the Codex thread.
                await self._forget(run)
                return AttemptEnd.STOPPED
            running.begin()
            attempt = run.begin_attempt(self._message_log.latest(run.turn.room.id))
            running.askers = run.askers
            run.fallbacks.fit(self._mind.profile(run.character))
            question = await self._thread_sync.question(run, lease)
            if question is None:
                return AttemptEnd.TARGET_DELETED
            run.fallbacks.blind = question.is_blind
            attempt.ask(question.session, question.since)
            end = await self._put(model_turn, lease, question)
            async with run.steering:  # an addition under way belongs to the answer, or it does not
                if attempt.is_unsure:
                    # Asked again, with all that waits: asked by itself it might be answered twice.
                    raise TransportClosedError("what was added to the question is not known")
            return end

    async def _lease(self, model_turn: ModelTurn, held: AsyncExitStack) -> LeasedMind | None:
        """Return a leased mind; None if a person stopped the turn before there was one."""
        run, running = model_turn.run, model_turn.running
        if running.stopped.is_set():
            return None

        def wait(place: int) -> None:
            running.waiting = place

        began = run.seconds()
        lease: LeasedMind | None = None
        async with unless(running.stopped):
            lease = await held.enter_async_context(self._mind.lease(run.character, on_wait=wait))
        running.waiting = None
        run.lease_waited(run.seconds() - began)
        return lease

    async def _put(
        self, model_turn: ModelTurn, lease: LeasedMind, question: Question
    ) -> AttemptEnd:
        """Put the question, and have its Codex thread forget an answer that is not whole."""
        run, attempt = model_turn.run, model_turn.run.attempt
        try:
            is_complete = await self._stream.follow(model_turn, lease, question)
        except TurnFailedError as error:
            await self._forget(run, lease)
            if _keeps_words(attempt, error):
                attempt.cut = True
                return AttemptEnd.COMPLETE
            if await self._takes_fallback(run, question, error):
                raise _FallbackError(error.reason, error.detail) from error
            raise
        except TransportClosedError:
            run.fallbacks.count_death(with_pictures=bool(question.images))
            raise
        if not attempt.finished or attempt.speech.was_cut or run.goes_on:
            # The Codex thread holds a part of an answer, or more than was shown. The next prompt
            # contains the words that were shown.
            await self._forget(run, lease)
        return AttemptEnd.COMPLETE if is_complete else AttemptEnd.STOPPED

    async def _takes_fallback(
        self, run: TurnRun, question: Question, error: TurnFailedError
    ) -> bool:
        """Return whether a fallback is tried, so that people need not know of this failure."""
        fallbacks = run.fallbacks
        if run.attempt.speech.was_cut and fallbacks.plainly(error):
            return True
        before = self._mind.profile(run.character).window
        if error.window is not None:
            self._mind.learn_window(run.character, error.window)
        if question.images and fallbacks.without_pictures(error):
            return True
        now = self._mind.profile(run.character).window
        if not fallbacks.with_less_talk(error, question.size, before, now):
            return False
        run.thread_lost()
        await self._thread_sync.begin_anew(run.turn.seat, question.session)
        return True

    async def _forget(self, run: TurnRun, lease: LeasedMind | None = None) -> None:
        """Have the Codex thread forget the attempt's prompt; without a lease, before its next."""
        unanswered = run.unanswered_session()
        run.attempt.session = None
        if unanswered is not None:
            await self._thread_sync.forget(run.turn, unanswered, lease)

    # --- the result -------------------------------------------------------------------------

    async def _result(self, model_turn: ModelTurn, end: AttemptEnd) -> ModelResult:
        run, running = model_turn.run, model_turn.running
        if end is AttemptEnd.TARGET_DELETED:
            return TargetDeleted()
        is_stopped = end is AttemptEnd.STOPPED
        text = await self._text(run, is_stopped=is_stopped)
        session = run.answered_session()
        if running.skipped is None and not says_nothing(text):
            run.answered(text)
            await self._ledger.record(run.turn, session=session, joined=run.ended_with())
            return Answered(session)
        if is_stopped:
            return Stopped(was_skipped=running.skipped is not None)
        return Skipped(running.skipped, session) if running.skipped is not None else Acted(session)

    async def _text(self, run: TurnRun, *, is_stopped: bool) -> str:
        """Return the text of record. Words that an early end was about to hide stay hidden."""
        attempt = run.attempt
        is_early = is_stopped or attempt.cut
        mark = cut_answers.STOPPED if is_stopped else cut_answers.CUT

        def text(speech: Speech) -> str:
            if not is_early:
                return run.whole(speech.text())
            words = speech.so_far(newest=True)[: attempt.repeats]
            return cut_answers.marked(veiled(run.whole(words)), mark)

        return await self._stream.read(attempt.speech, text)


def _keeps_words(attempt: Attempt, error: TurnFailedError) -> bool:
    """Return whether words said before the error stay, as an answer that was cut."""
    speech = attempt.speech
    if error.reason is TurnFailure.CUT_SHORT:
        speech.break_off()
        return bool(speech.so_far())
    if error.reason in _KEEPS_WORDS and speech.text():
        speech.retract()  # the model might have retracted a piece that is not complete
        return True
    return False


def _pause(state: RetryCallState, deaths: int) -> float:
    """Return the seconds before the next attempt."""
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, TransportClosedError) or not deaths:
        return 0.0
    return PAUSES[min(deaths, len(PAUSES)) - 1]


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("asking again: %s", error)
