"""One turn from lease to done. Owns the order of the steps; each is written before it is relied on.

    accepted ─ lease ─ resume/begin ─ running ─ words… ─ recorded ─ chunk k ─ done
                 ▲         │ thread lost: begin anew with the history replayed
                 └─────────┴ process died: lease another, take back the half turn, ask again

Who speaks and when is the director's; how words reach Discord is the stage's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception_type, stop_after_attempt

from bot.domain import transcript
from bot.domain.character import Character
from bot.domain.speech import Speech
from bot.domain.turn import (
    Began,
    Finished,
    MindEvent,
    Retracted,
    Session,
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
    TransportClosedError,
    TroupeError,
    TurnFailedError,
    TurnFailure,
)
from bot.log import bound
from bot.rooms import words
from bot.rooms.act import Act, Ending, Outcome
from bot.rooms.hearing import Hearing
from bot.rooms.ports import Delivery, LeasedMind, Ledger, Mind, Stage
from bot.rooms.scenes import Scene, Scenes

log = logging.getLogger(__name__)

# App-servers that may die under one turn before it is given up.
ATTEMPTS = 3
# A seat that is new in a room is told this much of what was said before; one request to Discord.
FRESH_HISTORY = 100
# A lost thread gets this much back, the newest within a budget of characters (~50k tokens).
RECOVERED_HISTORY = 2_000
HISTORY_CHARACTERS = 200_000


class Performance:
    """Plays turns. One at a time for a seat: the director sees to that."""

    def __init__(
        self,
        *,
        mind: Mind,
        stage: Stage,
        ledger: Ledger,
        hearing: Hearing,
        scenes: Scenes,
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self._mind = mind
        self._stage = stage
        self._ledger = ledger
        self._hearing = hearing
        self._scenes = scenes
        self._on_outcome = on_outcome

    async def perform(self, turn: Turn, character: Character, *, asked_from: int) -> None:
        """Play one turn to its end; its failure is told to the room, not raised.

        `asked_from` is the order of the first utterance that it has to answer. A turn that has a
        text already (a greeting, one that was not delivered) is delivered, not thought.
        """
        act = Act(turn=turn, character=character, asked_from=asked_from)
        with bound(room=turn.room.id, character=character.key, turn=turn.trigger):
            try:
                await self._play(act)
            except PlaceGoneError:
                await self._close(act, Ending.UNDELIVERED, "the place is gone")
            except DiscordDownError as down:
                # The text is recorded: it is delivered when Discord is back, not thought again.
                log.warning("not delivered yet: %s", down)
                self._on_outcome(act.outcome(Ending.UNDELIVERED))
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
                        await self._think(act, scene, delivery)
                if act.turn.text is None:
                    await delivery.withdraw()
                    ending = Ending.SKIPPED if scene.skipped is not None else Ending.ACTED
                    await self._close(act, ending, scene.skipped or "", TurnState.DONE)
                    return
            await self._deliver(act, delivery)
        self._on_outcome(act.outcome(Ending.ANSWERED))

    async def _think(self, act: Act, scene: Scene, delivery: Delivery) -> None:
        """Have the turn thought, over dead processes and lost threads; the text is recorded."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((TransportClosedError, SessionRecoveryError)),
            stop=stop_after_attempt(ATTEMPTS),
            before_sleep=before_sleep_log(log, logging.WARNING),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                await self._attempt(act, scene, delivery)
        text = act.speech.text()
        if scene.skipped is None and text:
            act.turn = replace(act.turn, text=text, state=TurnState.RECORDED)
            await self._ledger.record(act.turn)
        elif scene.skipped is None and not scene.acted:
            raise TurnFailedError(TurnFailure.EMPTY)
        await self._ledger.keep_session(act.turn.seat, act.session_told())

    async def _attempt(self, act: Act, scene: Scene, delivery: Delivery) -> None:
        def wait(place: int) -> None:
            scene.waiting = place

        asked = act.seconds()
        async with self._mind.lease(act.character, on_wait=wait) as mind:
            scene.waiting, act.waited = None, act.seconds() - asked
            act.speech = Speech(act.character)
            act.session = await self._session(act, mind)
            await self._speak(act, mind, await self._unheard(act), delivery)

    async def _speak(
        self, act: Act, mind: LeasedMind, heard: list[Utterance], delivery: Delivery
    ) -> None:
        assert act.session is not None
        thread_id = act.session.thread_id
        try:
            async with mind.speak(thread_id, transcript.render(heard)) as events:
                async for event in events:
                    await self._follow(act, event, delivery)
        except TurnFailedError:
            await self._take_back(act, mind)
            raise

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
                    thread_id=act.session.thread_id if act.session else None,
                    codex_turn_id=codex_turn_id,
                )
                await self._ledger.run(act.turn)
            case Words(text=text):
                act.speech.add(text)
            case Retracted():
                act.speech.retract()
            case Settled(text=text):
                act.speech.settle(text)
            case Finished():
                pass
            case _:
                assert_never(event)
        if isinstance(event, Words | Settled) and (shown := act.speech.so_far()):
            act.first_words = act.first_words or act.seconds()
            delivery.show(shown)

    async def _deliver(self, act: Act, delivery: Delivery) -> None:
        text = act.turn.text or ""
        chunks = await delivery.finish(text)
        act.turn = replace(act.turn, chunks=chunks, state=TurnState.DONE)
        self._hearing.hear(act.said(text, after=self._hearing.latest(act.turn.room.id)))
        await self._ledger.end(act.turn)

    # --- the seat's thread ------------------------------------------------------------------

    async def _session(self, act: Act, mind: LeasedMind) -> Session:
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

    async def _begin(self, act: Act, mind: LeasedMind, fingerprint: str, messages: int) -> Session:
        room, seat = act.turn.room, act.turn.seat
        past = await self._stage.history(room, before=act.asked_from, limit=messages)
        kept = past[
            transcript.newest_within(past, messages=messages, characters=HISTORY_CHARACTERS) :
        ]
        thread_id = await mind.begin(seat, transcript.lines(kept, act.character.key))
        session = Session(thread_id, fingerprint, cursor=act.asked_from - 1)
        if kept:
            # Only injected items put a thread on disk before its first turn has ended.
            await self._ledger.keep_session(seat, session)
        return session

    async def _unheard(self, act: Act) -> list[Utterance]:
        """What the thread has not been told yet, without what the character said itself."""
        assert act.session is not None
        room = act.turn.room
        # Up to now, not to the trigger: who is named second hears the first.
        act.heard_upto = max(act.turn.trigger, self._hearing.latest(room.id))
        since = min(act.session.cursor, act.asked_from - 1)
        heard = await self._hearing.since(room, since, act.heard_upto)
        return [one for one in heard if one.speaker.character != act.character.key]

    # --- endings ----------------------------------------------------------------------------

    async def _apologise(self, act: Act, error: Exception) -> None:
        await self._close(act, Ending.FAILED, str(error))
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
        self._on_outcome(act.outcome(ending))
