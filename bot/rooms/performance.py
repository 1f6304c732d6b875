"""One turn from its taking up to its end. Owns the order of the steps; each is written before it is
relied on.

    accepted ─ running ─ recorded ─ chunk k ─ done
       ▲                    ▲                  │
       └─ thought once more ┴─ put another way ┘

Who speaks and when is the director's; what a mind is asked is `thinking`'s; how words reach Discord
is the stage's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from tenacity import RetryCallState

from bot import refusals
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Session, Turn, TurnState
from bot.domain.utterance import Utterance
from bot.errors import (
    DeliveryError,
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    RefusedError,
    RoomGoneError,
    StoreError,
    StoreRefusingError,
    StoreUnavailableError,
    TroupeError,
)
from bot.log import bound
from bot.messages import failures, store
from bot.rooms.act import Act, Ending, Join, Outcome
from bot.rooms.hearing import Hearing
from bot.rooms.patience import patiently
from bot.rooms.ports import Delivery, Ledger, Stage
from bot.rooms.scenes import Scene, Scenes
from bot.rooms.thinking import Thinking

log = logging.getLogger(__name__)

# Seconds: a turn that is tried again later was told of its trouble the first time.
TOLD_WITHIN = 30.0
# For how long a turn waits for the store, and for Discord to tell what was said; in seconds.
WAITING_SECONDS = 600.0
# And for the right to read that, which an admin may be about to give back.
PERMITTED_SECONDS = 30.0


class Performance:
    """Plays turns. One at a time for a seat: `seats` sees to that.

    `on_said(turn, said, again)` is told what a character said, once it is in the room; `again` when
    it may have been told before. Only then the turn ends: where False comes back it is left as it
    is, to be told once more. `on_gone` is told of rooms that Discord says are no more.
    """

    def __init__(
        self,
        *,
        thinking: Thinking,
        stage: Stage,
        ledger: Ledger,
        hearing: Hearing,
        scenes: Scenes,
        on_outcome: Callable[[Outcome], None],
        on_said: Callable[[Turn, Utterance, bool], Awaitable[bool]],
        on_gone: Callable[[Sequence[int]], Awaitable[None]],
    ) -> None:
        self._thinking = thinking
        self._stage = stage
        self._ledger = ledger
        self._hearing = hearing
        self._scenes = scenes
        self._on_outcome = on_outcome
        self._on_said = on_said
        self._on_gone = on_gone

    async def perform(
        self,
        turn: Turn,
        character: Character,
        *,
        join: Join,
        end: Callable[[], int | None] = lambda: None,
    ) -> None:
        """Play one turn to its end; its failure is told to the room, not raised.

        `join` gives the turns that came meanwhile and are asked together with it, `end` where the
        question has to end; both are called when it is put. A turn that has a text already (a
        greeting, one that was not delivered, one that is put another way) is delivered, not
        thought.
        """
        act = Act(turn=turn, character=character, join=join, end=end, now=self._stage.now)
        with bound(room=turn.room.id, character=character.key, turn=turn.trigger):
            try:
                await self._play(act)
            except PlaceGoneError as gone:
                log.warning("not delivered: %s", gone)
                await self._end_unheard(act, gone, _unmade(act))
            except DiscordDownError as down:
                # A text on record is delivered when Discord is back, not thought again.
                log.warning("not delivered yet: %s", down)
                self._on_outcome(act.outcome(Ending.UNDELIVERED))
            except (StoreUnavailableError, StoreRefusingError) as away:
                # It was accepted, so it is taken up again by the next look at the ledger.
                log.warning("not answered yet: %s", away)
            except TroupeError as error:
                log.warning("no answer: %s", error)
                await self._apologise(act, error)
            except Exception as bug:
                # Whatever it was, it must not be tried for ever, nor leave a person waiting.
                log.exception("no answer, by a fault of the bot")
                await self._apologise(act, bug)

    def unbegun(self, room: Room) -> list[Turn]:
        """The turns that are thought in this room, of whose answer nobody has seen a word."""
        return self._thinking.unbegun(room)

    async def steer(self, turn: Turn) -> None:
        """Have `turn` answered with the one that its seat plays, if it is not too late."""
        await self._thinking.steer(turn)

    # --- one turn -------------------------------------------------------------------------

    async def _play(self, act: Act) -> None:
        if act.turn.to_think and (mute := await self._mute(act)) is not None:
            await self._keep_silent(act, mute)
            return
        async with self._stage.deliver(act.turn, act.character) as delivery:
            if act.turn.to_think and not await self._find_words(act, delivery):
                return
            if act.turn.text:
                await self._deliver(act, delivery)
            else:
                await self._take_back(act, delivery)

    async def _mute(self, act: Act) -> DeliveryError | None:
        """Why nothing could be said in the room, so that no model is paid for it; or None."""
        try:
            await self._stage.require_voice(act.turn.room)
        except DiscordDownError as unclear:
            log.info("cannot tell whether the bot may speak in this room: %s", unclear)
        except DeliveryError as mute:
            return mute
        return None

    async def _keep_silent(self, act: Act, mute: DeliveryError) -> None:
        """End a turn that nobody could read, without asking a model. Nobody there can be told."""
        log.warning("the model is not asked, because the bot cannot speak in this room: %s", mute)
        if act.turn.chunks and not isinstance(mute, PlaceGoneError):
            # Of a new answer a part may be on show; what was sent may still be edited.
            async with self._stage.deliver(act.turn, act.character) as delivery:
                await self._withdraw(act, delivery)
        if act.turn.is_retake:
            act.turn = act.turn.put_back()
        await self._end_unheard(act, mute, TurnState.DONE)

    async def _end_unheard(self, act: Act, mute: DeliveryError, state: TurnState) -> None:
        """End a turn whose words reach nobody, and tell of a room that is gone."""
        await self._close(act, Ending.UNDELIVERED, failures.why_mute(mute), state)
        if isinstance(mute, RoomGoneError):
            await self._on_gone([act.turn.room.id])

    async def _find_words(self, act: Act, delivery: Delivery) -> bool:
        """Have the turn thought; False when it has ended without words."""
        await delivery.opened()  # no model is paid for words that have no place
        async with self._stage.typing(act.turn.room) as stop_typing:

            def show(text: str) -> None:
                if text:
                    stop_typing()
                delivery.askers = act.askers
                delivery.show(text)

            with self._scenes.play(act.turn, act.character) as scene:
                try:
                    await self._think(act, scene, show)
                except Exception:
                    await self._withdraw(act, delivery)
                    raise
        if not act.turn.to_think:
            return True
        ending, note = _silence(act, scene)
        remembered = act.remembered()
        await self._withdraw(act, delivery)
        if not act.put_back:
            await self._close(act, ending, note, TurnState.DONE, remembered)
            return False
        self._on_outcome(act.outcome(ending))
        if act.deleted:
            await self._tell(act, RefusedError(refusals.NOTHING_ASKED))
        elif scene.skipped is not None:
            stays = refusals.NothingToAdd if act.goes_on else refusals.NothingElse
            await self._tell(act, RefusedError(stays(act.character.name)))
        return False

    async def _think(self, act: Act, scene: Scene, show: Callable[[str], None]) -> None:
        """Have the turn thought, and again when the store, or what the room shows, can be read.

        Let go meanwhile, its message would be told with another question, and answered twice.
        """

        async def tell(tries: int, error: BaseException | None) -> None:
            if tries == 1 and isinstance(error, StoreError) and act.since_accepted() < TOLD_WITHIN:
                await self._tell(act, RefusedError(store.waits(error)))

        # An answer that is wanted in another way stands; whoever wants it is told at once.
        may_come_back = () if act.turn.is_retake else (NotPermittedError,)
        waiting = patiently(
            "not answered yet",
            stop=_has_waited,
            tell=tell,
            over=(StoreError, DiscordDownError, *may_come_back),
        )
        await waiting(self._thinking.think, act, scene, show)

    async def _deliver(self, act: Act, delivery: Delivery) -> None:
        said_before, delivery.askers = bool(act.turn.order), act.askers
        takes = max(1, len(act.turn.takes))
        chunks = await delivery.finish(act.turn.shown_text, take=act.turn.take, of=takes)
        room = act.turn.room
        newest = max(self._hearing.latest(room.id), self._stage.newest(room) or 0)
        said = act.said(chunks, after=newest)
        act.turn = replace(act.turn, chunks=chunks, order=said.order, state=TurnState.DONE)
        if not said_before:
            self._hearing.hear(said)
            if not await self._on_said(act.turn, said, act.resumed):
                return
        else:
            self._hearing.reword(said)
            if not act.put_back:
                await self._cut(act)
        # All of it once more: a store that crashed may have lost what it acknowledged a moment ago.
        session = None if act.put_back else act.remembered()
        await self._ledger.end(act.turn, session=session, joined=act.ended_with())
        if not act.put_back:
            changed = said_before and act.session is None
            self._on_outcome(act.outcome(Ending.CHANGED if changed else Ending.ANSWERED))

    async def _take_back(self, act: Act, delivery: Delivery) -> None:
        """A person wants the whole answer gone."""
        await delivery.withdraw()
        self._hearing.unsay(act.turn.room.id, act.turn.chunks)
        await self._cut(act)
        await self._close(act, Ending.CHANGED, "taken back")

    async def _cut(self, act: Act) -> None:
        """What the room was shown has changed: those who heard it must not go on from it."""
        room, order = act.turn.room, act.turn.trigger
        # Its own thread knows, if that was asked just now.
        knows = act.character.key if act.session is not None else None
        asked = self._thinking.asked(room.id, order)
        await self._ledger.cut(room.id, order, asked=asked, spared=knows)
        for thread_id in act.turn.chunks:
            # A thread that was started from the answer has its id, and shows it first.
            self._hearing.forget(thread_id)
            asked = self._thinking.asked(thread_id, thread_id)
            await self._ledger.cut(thread_id, thread_id + 1, asked=asked)

    # --- endings ----------------------------------------------------------------------------

    async def _withdraw(self, act: Act, delivery: Delivery) -> None:
        """What was shown of an answer that will not come does not stay; an old one comes back."""
        try:
            if act.turn.is_retake:
                unanswered = act.unanswered()
                act.turn, act.put_back = act.turn.put_back(), True
                await self._ledger.record(act.turn, session=unanswered)
                await self._deliver(act, delivery)
            else:
                await delivery.withdraw()
        except DeliveryError as error:
            log.warning("the part that was shown stays: %s", error)

    async def _apologise(self, act: Act, error: Exception) -> None:
        act.error = error
        if act.put_back:
            self._on_outcome(act.outcome(Ending.FAILED))
        else:
            await self._close(act, Ending.FAILED, str(error), _unmade(act), act.unanswered())
        await self._tell(act, error)

    async def _tell(self, act: Act, error: Exception) -> None:
        try:
            await self._stage.tell(
                act.turn.room,
                failures.for_room(error, act.character.name, goes_on=act.goes_on),
                reply_to=act.turn.trigger,
            )
        except DeliveryError as silent:
            log.warning("and nobody could be told: %s", silent)

    async def _close(
        self,
        act: Act,
        ending: Ending,
        note: str,
        state: TurnState = TurnState.CLOSED,
        session: Session | None = None,
    ) -> None:
        act.turn = replace(act.turn, state=state, note=note[:200])
        await self._ledger.end(act.turn, session=session, joined=act.ended_with())
        self._on_outcome(act.outcome(ending))


def _has_waited(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    limit = PERMITTED_SECONDS if isinstance(error, NotPermittedError) else WAITING_SECONDS
    return (state.seconds_since_start or 0.0) >= limit


def _unmade(act: Act) -> TurnState:
    """How a turn ends that failed: what was said before stands, and can be changed later."""
    return TurnState.DONE if act.turn.order else TurnState.CLOSED


def _silence(act: Act, scene: Scene) -> tuple[Ending, str]:
    """Why a good turn has no words."""
    if act.deleted:
        return Ending.SKIPPED, "what was asked was deleted"
    if act.stopped:
        return Ending.SKIPPED, "stopped"
    if scene.skipped is not None:
        return Ending.SKIPPED, scene.skipped
    return Ending.ACTED, ""
