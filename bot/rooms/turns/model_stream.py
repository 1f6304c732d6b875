"""The stream of a model's events during one attempt: words are shown, steps are recorded.

Owns when a stream is left before its end: a person stops it, the speech is over, the words repeat,
or the time for the whole answer has passed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar, assert_never

from bot.domain import repetition
from bot.domain.speech import Speech
from bot.domain.turn import Began, Finished, MindEvent, Retracted, Settled, Words
from bot.domain.visible import says_nothing
from bot.errors import TurnFailedError, TurnFailure
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.mind import LeasedMind
from bot.rooms.runs.open_questions import ModelTurn
from bot.rooms.runs.prompt_writer import Question
from bot.rooms.runs.turn_run import TurnRun
from bot.tasks import AT_ONCE, Aside, unless

log = logging.getLogger(__name__)

T = TypeVar("T")


class ModelStream:
    """Follows the model's events. An answer may take `answer_seconds`, over all its attempts."""

    def __init__(self, ledger: Ledger, *, answer_seconds: float) -> None:
        self._ledger = ledger
        self._answer_seconds = answer_seconds
        self._aside = Aside()

    async def follow(self, model_turn: ModelTurn, lease: LeasedMind, question: Question) -> bool:
        """Put the question and follow the answer to its end; False if a person stopped it.

        Raises `TurnFailedError` if nothing was said and nothing was done.
        """
        run, running, attempt = model_turn.run, model_turn.running, model_turn.run.attempt
        thread_id = question.session.thread_id
        attempt.lease = lease
        try:
            async with (
                self._in_time(run),
                unless(running.stopped),
                lease.speak(thread_id, question.words, question.images) as events,
            ):
                try:
                    async for event in events:
                        await self._take(model_turn, event)
                        if attempt.speech.is_over or attempt.cut:
                            log.warning("the answer was cut: no further words are wanted")
                            break
                finally:
                    run.tokens_spent(events.usage.total_tokens)
        finally:
            attempt.lease = None
            running.codex_turn_id = None
        text, is_skip = await self.read(attempt.speech, _text_and_skip)
        if is_skip:
            # The model had nothing to say, and wrote the call of `skip` instead of making it.
            running.skip("in words")
        silent = says_nothing(text) or run.adds_nothing(text)
        if attempt.said_all and silent and running.skipped is None and not running.acted:
            raise TurnFailedError(TurnFailure.EMPTY)
        return attempt.said_all or attempt.cut

    async def read(self, speech: Speech, work: Callable[[Speech], T]) -> T:
        """Return what `work` makes of the whole speech, in an OS thread if the speech is long.

        The stream is over by then, so the speech does not change while an OS thread reads it.
        """
        return await self._aside.run(work, speech) if speech.length > AT_ONCE else work(speech)

    async def _take(self, model_turn: ModelTurn, event: MindEvent) -> None:
        run, attempt = model_turn.run, model_turn.run.attempt
        match event:
            case Began(codex_turn_id=codex_turn_id):
                model_turn.running.codex_turn_id = codex_turn_id
                run.began(codex_turn_id)
                await self._ledger.run(run.turn)
            case Words(text=text):
                await _add(attempt.speech, text)
            case Retracted():
                attempt.speech.retract()
            case Settled(text=text):
                speech = attempt.speech
                speech.settle(text, await self._aside.read(text, speech.read, text))
            case Finished(usage=usage):
                attempt.finished, attempt.held = True, usage.held
            case _:
                assert_never(event)
        if isinstance(event, Words | Settled):
            _show(model_turn)
            if len(event.text) > AT_ONCE:
                # Let other tasks run first: the next event may be as long.
                await asyncio.sleep(0)

    @asynccontextmanager
    async def _in_time(self, run: TurnRun) -> AsyncIterator[None]:
        """Leave an answer that takes too long. Raises `TurnFailedError` if nothing was said."""
        try:
            async with asyncio.timeout_at(run.deadline(self._answer_seconds)) as limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            if not run.attempt.speech.so_far():
                raise TurnFailedError(TurnFailure.ENDLESS, "nothing was said in time") from None
            log.warning("the answer was cut: it took too long")
            run.attempt.cut = True


def _show(model_turn: ModelTurn) -> None:
    """Show the answer so far, and cut it where the model repeats itself."""
    run, attempt = model_turn.run, model_turn.run.attempt
    if said := attempt.speech.so_far():
        run.words_shown()
        attempt.repeats = repetition.second_round(said)
        attempt.cut = attempt.repeats is not None
        model_turn.show(run.whole(said, is_whole=False))


async def _add(speech: Speech, words: str) -> None:
    """Add words that came at once, thousands perhaps, and let other tasks run in between."""
    for at in range(0, len(words), AT_ONCE):
        speech.add(words[at : at + AT_ONCE])
        if len(words) > AT_ONCE:
            speech.so_far()
            await asyncio.sleep(0)


def _text_and_skip(speech: Speech) -> tuple[str, bool]:
    """Return the text of record, and whether the model only wrote a call of `skip`."""
    return speech.text(), speech.is_skip
