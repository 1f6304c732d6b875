"""Asking a mind for the words of one turn: from the lease to a text on record. Owns what runs.

    lease ─ resume/begin ─ the question ─ running ─ words… ─ recorded
      ▲         │ thread lost: begin anew with the history replayed
      └─────────┴ process died: lease another, take back the half turn, ask again

What the thread is told is `recollection`'s; how words reach Discord is the stage's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import assert_never

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from bot.domain.inline import veiled
from bot.domain.room import Room, Seat
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
from bot.rooms.ports import LeasedMind, Ledger, Mind
from bot.rooms.recollection import Added, Question, Recollection
from bot.rooms.scenes import Scene
from bot.tasks import unless

log = logging.getLogger(__name__)

# Tries before a turn is given up: app-servers that die under it, threads that are lost. Whatever
# ends every one of them would end the fifth as well.
ATTEMPTS = 5

Show = Callable[[str], None]
"""Shows the whole speech so far; never blocks."""


class _AnotherWayError(TurnFailedError):
    """It failed, and is asked in another way."""


class Thinking:
    """The turns that are being thought. One at a time for a seat: `seats` sees to that."""

    def __init__(
        self, *, mind: Mind, ledger: Ledger, hearing: Hearing, recollection: Recollection
    ) -> None:
        self._mind = mind
        self._ledger = ledger
        self._hearing = hearing
        self._recollection = recollection
        self._acts: dict[Seat, Act] = {}

    def asked(self, room_id: int, order: int) -> frozenset[str]:
        """The characters of that room that are being asked with something from `order` on."""
        return frozenset(
            seat.character
            for seat, act in self._acts.items()
            if seat.room_id == room_id and act.scope.reach >= order
        )

    def unbegun(self, room: Room) -> list[Turn]:
        """The turns that are being thought there, without a word that was shown."""
        return [
            act.turn
            for seat, act in self._acts.items()
            if seat.room_id == room.id and act.first_words is None and not act.finished
        ]

    async def think(self, act: Act, scene: Scene, show: Show) -> None:
        """Have the turn thought, over dead processes and lost threads.

        Afterwards `act.turn` is RECORDED with its text, or has none because nothing was to be said.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(
                (TransportClosedError, SessionRecoveryError, _AnotherWayError)
            ),
            stop=stop_after_attempt(ATTEMPTS),
            before_sleep=_say_again,
            reraise=True,
        )
        self._acts[act.turn.seat], act.scene = act, scene
        try:
            async for attempt in retrying:
                with attempt:
                    await self._attempt(act, scene, show)
            await self._record(act, scene)
        finally:
            del self._acts[act.turn.seat]
            act.scene = None

    async def steer(self, turn: Turn) -> None:
        """Make `turn` part of the question that its seat is being asked, if it is not too late.

        It is joined then, as if it had come before.
        """
        act = self._acts.get(turn.seat)
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
            if error.reason is TurnFailure.CONTEXT_FULL and not act.recovered:
                # A new thread with the newest talk takes it in; nobody needs to know.
                act.recovered = True
                await self._ledger.drop_session(act.turn.seat)
                raise SessionRecoveryError(
                    question.session.thread_id, "the context is full"
                ) from error
            if error.reason is TurnFailure.OTHER and question.images:
                # An endpoint refuses pictures in its own words (most often with 400).
                act.blind = True
                raise _AnotherWayError(error.reason, error.detail) from error
            raise
        if not act.finished:
            # It holds half an answer, and will be told what was shown.
            await self._recollection.forget(act, mind)

    async def _listen(
        self, act: Act, mind: LeasedMind, scene: Scene, question: Question, show: Show
    ) -> None:
        thread_id = question.session.thread_id
        act.mind = mind
        try:
            async with (
                unless(scene.stopped),
                mind.speak(thread_id, question.words, question.images) as events,
            ):
                async for event in events:
                    await self._follow(act, scene, event, show)
                    if act.speech.is_full:
                        log.warning("the answer was cut: it would not end")
                        return
        finally:
            act.mind = None
            scene.codex_turn_id = None
        act.stopped = not act.finished
        silent = says_nothing(act.speech.text())
        if act.finished and silent and scene.skipped is None and not scene.acted:
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
                act.speech.add(text)
            case Retracted():
                act.speech.retract()
            case Settled(text=text):
                act.speech.settle(text)
            case Finished(usage=usage):
                act.finished = True
                act.tokens += usage.total_tokens
            case _:
                assert_never(event)
        if isinstance(event, Words | Settled) and (shown := act.speech.so_far()):
            act.first_words = act.first_words or act.since_accepted()
            show(shown)

    # --- what it came to --------------------------------------------------------------------

    async def _record(self, act: Act, scene: Scene) -> None:
        # What a stopped answer was about to hide stays hidden.
        text = veiled(act.speech.stopped()) if act.stopped else act.speech.text()
        if scene.skipped is not None or says_nothing(text):
            return
        turn = act.turn
        takes = (*turn.takes, text) if turn.takes else ()
        act.turn = replace(turn, text=text, takes=takes, state=TurnState.RECORDED)
        await self._ledger.record(act.turn, session=act.remembered(), joined=act.ended_with())


async def _steered(act: Act, mind: LeasedMind, words: str) -> bool:
    thread_id, codex_turn_id = act.turn.thread_id, act.turn.codex_turn_id
    if thread_id is None or codex_turn_id is None:
        return False
    return await mind.steer(thread_id, codex_turn_id, words)


def _say_again(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("asking again: %s", error)
