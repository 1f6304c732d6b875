"""One turn from lease to done. Owns the order of the steps; each is written before it is relied on.

    accepted ─ lease ─ resume/begin ─ running ─ words… ─ recorded ─ chunk k ─ done
                 ▲         │ thread lost: begin anew with the history replayed
                 └─────────┴ process died: lease another, take back the half turn, ask again

Who speaks and when is the director's; how words reach Discord is the stage's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from bot.domain import transcript
from bot.domain.character import Character
from bot.domain.lateness import lateness, note
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
from bot.domain.utterance import Utterance
from bot.errors import (
    CodexError,
    DeliveryError,
    DiscordDownError,
    PlaceGoneError,
    SessionRecoveryError,
    StoreUnavailableError,
    TransportClosedError,
    TroupeError,
    TurnFailedError,
    TurnFailure,
)
from bot.log import bound
from bot.rooms import words
from bot.rooms.act import Act, Ending, Join, Outcome
from bot.rooms.hearing import Hearing
from bot.rooms.ports import Delivery, LeasedMind, Ledger, Mind, Stage
from bot.rooms.recollection import Recollection
from bot.rooms.scenes import Scene, Scenes

log = logging.getLogger(__name__)

# App-servers that may die under one turn before it is given up.
ATTEMPTS = 3
# Seconds: a turn that is tried again later was told of its trouble the first time.
TOLD_WITHIN = 30.0


class Performance:
    """Plays turns. One at a time for a seat: the director sees to that.

    `on_said` is told what a character said, once it is in the room and on record.
    """

    def __init__(
        self,
        *,
        mind: Mind,
        stage: Stage,
        ledger: Ledger,
        hearing: Hearing,
        scenes: Scenes,
        on_outcome: Callable[[Outcome], None],
        on_said: Callable[[Turn, Utterance], None],
    ) -> None:
        self._mind = mind
        self._stage = stage
        self._ledger = ledger
        self._hearing = hearing
        self._scenes = scenes
        self._on_outcome = on_outcome
        self._on_said = on_said
        self._recollection = Recollection(mind=mind, stage=stage, ledger=ledger, hearing=hearing)

    async def perform(self, turn: Turn, character: Character, *, join: Join) -> None:
        """Play one turn to its end; its failure is told to the room, not raised.

        `join` gives the turns that came meanwhile and are asked together with it; it is called
        when the question is put. A turn that has a text already (a greeting, one that was not
        delivered) is delivered, not thought.
        """
        act = Act(turn=turn, character=character, join=join)
        with bound(room=turn.room.id, character=character.key, turn=turn.trigger):
            try:
                await self._play(act)
            except PlaceGoneError:
                await self._close(act, Ending.UNDELIVERED, "the place is gone")
            except DiscordDownError as down:
                # The text is recorded: it is delivered when Discord is back, not thought again.
                log.warning("not delivered yet: %s", down)
                self._on_outcome(act.outcome(Ending.UNDELIVERED))
            except StoreUnavailableError as away:
                # It was accepted, so it is taken up again when the store is back.
                log.warning("not answered yet: %s", away)
                if act.since_accepted() < TOLD_WITHIN:
                    await self._tell(act, away)
            except TroupeError as error:
                log.warning("no answer: %s", error)
                await self._apologise(act, error)
            except Exception as bug:
                # Whatever it was, it must not be tried for ever, nor leave a person waiting.
                log.exception("no answer, by a fault of the bot")
                await self._apologise(act, bug)

    # --- one turn -------------------------------------------------------------------------

    async def _play(self, act: Act) -> None:
        async with self._stage.deliver(act.turn, act.character) as delivery:
            if act.turn.text is None:
                async with self._stage.typing(act.turn.room):
                    with self._scenes.play(act.turn, act.character) as scene:
                        try:
                            await self._think(act, scene, delivery)
                        except TroupeError:
                            await self._withdraw(delivery)
                            raise
                if act.turn.text is None:
                    await delivery.withdraw()
                    await self._close(act, *_silence(act, scene), TurnState.DONE)
                    return
            await self._deliver(act, delivery)
        self._on_outcome(act.outcome(Ending.ANSWERED))

    async def _think(self, act: Act, scene: Scene, delivery: Delivery) -> None:
        """Have the turn thought, over dead processes and lost threads; the text is recorded."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((TransportClosedError, SessionRecoveryError)),
            stop=stop_after_attempt(ATTEMPTS),
            before_sleep=_say_again,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                await self._attempt(act, scene, delivery)
        text = act.speech.text()
        if scene.skipped is None and text:
            act.turn = replace(act.turn, text=text, state=TurnState.RECORDED)
            await self._ledger.record(act.turn)
            await self._end_joined(act)
        if act.session is not None:
            await self._ledger.keep_session(act.turn.seat, act.told(act.session))

    async def _attempt(self, act: Act, scene: Scene, delivery: Delivery) -> None:
        def wait(place: int) -> None:
            scene.waiting = place

        asked = act.seconds()
        async with self._mind.lease(act.character, on_wait=wait) as mind:
            scene.waiting, act.waited = None, act.seconds() - asked
            scene.begin()
            act.begin(self._hearing.latest(act.turn.room.id))
            session = await self._recollection.session(act, mind)
            heard = await self._recollection.unheard(act, session)
            if heard:
                act.session = session
                await self._speak(act, mind, scene, _question(act, heard), delivery)
            else:
                act.deleted = True

    async def _speak(
        self, act: Act, mind: LeasedMind, scene: Scene, words: str, delivery: Delivery
    ) -> None:
        try:
            await self._listen(act, mind, scene, words, delivery)
        except TurnFailedError as error:
            await self._take_back(act, mind)
            if error.reason is TurnFailure.CONTEXT_FULL and not act.recovered:
                # A new thread with the newest talk takes it in; nobody needs to know.
                act.recovered = True
                await self._ledger.drop_session(act.turn.seat)
                raise SessionRecoveryError(act.thread_id, "the context is full") from error
            raise

    async def _listen(
        self, act: Act, mind: LeasedMind, scene: Scene, words: str, delivery: Delivery
    ) -> None:
        async with mind.speak(act.thread_id, words) as events:
            async for event in events:
                await self._follow(act, event, delivery)
                if act.speech.is_full:
                    log.warning("the answer was cut: it would not end")
                    break
        if not act.speech.text() and scene.skipped is None and not scene.acted:
            raise TurnFailedError(TurnFailure.EMPTY)

    async def _take_back(self, act: Act, mind: LeasedMind) -> None:
        """The thread must not remember a question without an answer: it will be asked again."""
        thread_id, turn_id = act.turn.thread_id, act.turn.codex_turn_id
        if thread_id is None or turn_id is None:
            return
        try:
            await mind.revert(thread_id, turn_id)
        except SessionRecoveryError:
            await self._ledger.drop_session(act.turn.seat)
        except CodexError as error:
            log.warning("the failed turn stays in its thread: %s", error)

    async def _follow(self, act: Act, event: MindEvent, delivery: Delivery) -> None:
        match event:
            case Began(codex_turn_id=codex_turn_id):
                act.turn = replace(
                    act.turn,
                    state=TurnState.RUNNING,
                    thread_id=act.thread_id,
                    codex_turn_id=codex_turn_id,
                )
                await self._ledger.run(act.turn)
            case Words(text=text):
                act.speech.add(text)
            case Retracted():
                act.speech.retract()
            case Settled(text=text):
                act.speech.settle(text)
            case Finished(usage=usage):
                act.tokens += usage.total_tokens
            case _:
                assert_never(event)
        if isinstance(event, Words | Settled) and (shown := act.speech.so_far()):
            act.first_words = act.first_words or act.since_accepted()
            delivery.show(shown)

    async def _deliver(self, act: Act, delivery: Delivery) -> None:
        text = act.turn.text or ""
        chunks = await delivery.finish(text)
        act.turn = replace(act.turn, chunks=chunks, state=TurnState.DONE)
        said = act.said(text, after=self._hearing.latest(act.turn.room.id))
        self._hearing.hear(said)
        await self._ledger.end(act.turn)
        self._on_said(act.turn, said)

    # --- endings ----------------------------------------------------------------------------

    async def _withdraw(self, delivery: Delivery) -> None:
        """What was shown of an answer that will not come does not stay."""
        try:
            await delivery.withdraw()
        except DeliveryError as error:
            log.warning("the part that was shown stays: %s", error)

    async def _apologise(self, act: Act, error: Exception) -> None:
        await self._close(act, Ending.FAILED, str(error))
        await self._tell(act, error)

    async def _tell(self, act: Act, error: Exception) -> None:
        try:
            await self._stage.tell(
                act.turn.room,
                words.for_room(error, act.character.name),
                reply_to=act.turn.trigger,
            )
        except DeliveryError as silent:
            log.warning("and nobody could be told: %s", silent)

    async def _close(
        self, act: Act, ending: Ending, note: str, state: TurnState = TurnState.CLOSED
    ) -> None:
        act.turn = replace(act.turn, state=state, note=note[:200])
        await self._ledger.end(act.turn)
        await self._end_joined(act)
        self._on_outcome(act.outcome(ending))

    async def _end_joined(self, act: Act) -> None:
        """Not before the answer is on record: a restart would have to ask them again."""
        for one in act.joined:
            note = f"answered together with {act.turn.trigger}"
            await self._ledger.end(replace(one, state=TurnState.DONE, note=note))


def _say_again(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("asking again: %s", error)


def _question(act: Act, heard: Sequence[Utterance]) -> str:
    """What the thread is told, with a note when what is asked has waited for long."""
    question = transcript.render(heard)
    waited = lateness(act.turn, max(act.asked), datetime.now(UTC))
    return question if waited is None else f"{question}\n{note(waited)}"


def _silence(act: Act, scene: Scene) -> tuple[Ending, str]:
    """Why a good turn has no words."""
    if act.deleted:
        return Ending.SKIPPED, "what was asked was deleted"
    if scene.skipped is not None:
        return Ending.SKIPPED, scene.skipped
    return Ending.ACTED, ""
