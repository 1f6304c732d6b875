"""The turn runner: the steps of a turn from acceptance to the end.

Owns the order of the steps; each is written to the ledger before later steps rely on it.
`bot.rooms.runs.turn_run` draws the states of the record.

    can the bot speak here? ─ have a model asked ─ deliver ─ tell the room's characters ─ end
                                  │       │
                                  │       └ no words: withdraw what was shown, end
                                  └ failed: withdraw, tell people why, end

The dispatcher decides who speaks and when; `model_turns` asks the model; the stage brings words to
Discord.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import assert_never

from tenacity import RetryCallState

from bot import refusals
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Session, Turn, TurnState
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
from bot.rooms.cleanup import Cleanup
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.room_stage import RoomStage
from bot.rooms.ports.stage import Delivery
from bot.rooms.record.retry import retry_policy
from bot.rooms.runs.open_questions import Show
from bot.rooms.runs.running_turns import RunningTurn, RunningTurns
from bot.rooms.runs.turn_results import (
    Acted,
    Answered,
    Ending,
    ModelResult,
    NoWords,
    Skipped,
    Stopped,
    TargetDeleted,
)
from bot.rooms.runs.turn_run import Join, TurnRequest, TurnRun
from bot.rooms.state.inbox import Inbox
from bot.rooms.turns.model_turns import ModelTurns
from bot.rooms.turns.outcomes import Outcomes

log = logging.getLogger(__name__)

# Seconds after its acceptance in which people are told that a turn waits for the store. A turn that
# is resumed later was told of the first time.
TOLD_WITHIN = 30.0
# Seconds for which a turn waits for the store, or for Discord to show its history.
WAITING_SECONDS = 600.0
# Seconds for which a turn waits for the right to read the history, which an admin may give back.
PERMITTED_SECONDS = 30.0


class TurnRunner:
    """Runs turns. `turn_queues` has it run one turn at a time for each seat.

    An answer goes to the inbox once the room shows it, and perhaps again after a crash. The turn
    ends only if the inbox takes it; otherwise the turn is left for the next process.
    """

    def __init__(
        self,
        *,
        model_turns: ModelTurns,
        stage: RoomStage,
        ledger: Ledger,
        message_log: MessageLog,
        running_turns: RunningTurns,
        outcomes: Outcomes,
        inbox: Inbox,
        cleanup: Cleanup,
    ) -> None:
        self._model_turns = model_turns
        self._stage = stage
        self._ledger = ledger
        self._message_log = message_log
        self._running_turns = running_turns
        self._on_outcome = outcomes.ended
        self._inbox = inbox
        self._cleanup = cleanup

    async def run(
        self,
        turn: Turn,
        character: Character,
        *,
        join: Join,
        ends_before: Callable[[], int | None] = lambda: None,
    ) -> None:
        """Run `turn` until the record has ended; a failure is told to the room, not raised.

        `join` and `ends_before` are called when a prompt is built (see `TurnRequest`). If the turn
        has its text already (a greeting, an undelivered answer, an edit), no model is asked.
        """
        if not turn.to_think:
            # Most often a greeting: its avatar should be there from the first word on.
            await self._stage.prepare(turn.room, character)
        run = TurnRun(TurnRequest(turn, character, join, ends_before, self._stage.now))
        with bound(room=turn.room.id, character=character.key, turn=turn.trigger):
            try:
                await self._run(run)
            except PlaceGoneError as gone:
                log.warning("not delivered: %s", gone)
                await self._end_unheard(run, gone, _failed_state(run))
            except DiscordDownError as down:
                # A text on record is delivered when Discord is back; no model is asked again.
                log.warning("not delivered yet: %s", down)
                self._on_outcome(run.outcome(Ending.UNDELIVERED))
            except (StoreUnavailableError, StoreRefusingError) as away:
                # The turn was accepted: crash recovery finds it in the ledger and resumes it.
                log.warning("not answered yet: %s", away)
            except TroupeError as error:
                log.warning("no answer: %s", error)
                await self._apologise(run, error)
            except Exception as bug:
                # An unknown error must not be retried for ever, nor leave a person waiting.
                log.exception("no answer, by a fault of the bot")
                await self._apologise(run, bug)

    def unbegun(self, room: Room) -> list[Turn]:
        """Return the room's turns whose model is being asked and of which no word was shown."""
        return self._model_turns.unbegun(room)

    async def steer(self, turn: Turn) -> None:
        """Add `turn` to the prompt that its seat's model is answering, if it is not too late."""
        await self._model_turns.steer(turn)

    # --- one turn -------------------------------------------------------------------------

    async def _run(self, run: TurnRun) -> None:
        if run.turn.to_think and (mute := await self._mute(run)) is not None:
            await self._end_mute(run, mute)
            return
        async with self._stage.deliver(run.turn, run.character) as delivery:
            session = None
            if run.turn.to_think:
                result = await self._ask(run, delivery)
                if not isinstance(result, Answered):
                    await self._end_wordless(run, delivery, result)
                    return
                session = result.session
            if run.turn.text:
                await self._deliver(run, delivery, session)
            else:
                await self._retract(run, delivery)

    async def _mute(self, run: TurnRun) -> DeliveryError | None:
        """Return why nothing can be said in the room, so that no model is paid; None if it can."""
        try:
            await self._stage.require_voice(run.turn.room)
        except DiscordDownError as unclear:
            log.info("cannot tell whether the bot may speak in this room: %s", unclear)
        except DeliveryError as mute:
            return mute
        return None

    async def _end_mute(self, run: TurnRun, mute: DeliveryError) -> None:
        """End a turn that nobody could read, without asking a model. No person can be told."""
        log.warning("the model is not asked, because the bot cannot speak in this room: %s", mute)
        if run.turn.chunks and not isinstance(mute, PlaceGoneError):
            # Part of a new answer may be shown already; messages that were sent can be edited.
            async with self._stage.deliver(run.turn, run.character) as delivery:
                await self._withdraw(run, delivery)
        if run.turn.is_regeneration:
            run.drop_regeneration()
        await self._end_unheard(run, mute, TurnState.DONE)

    async def _end_unheard(self, run: TurnRun, mute: DeliveryError, state: TurnState) -> None:
        """End a turn whose words reach nobody, and report a room that Discord has deleted."""
        await self._close(run, Ending.UNDELIVERED, failures.why_mute(mute), state)
        if isinstance(mute, RoomGoneError):
            await self._cleanup.gone([run.turn.room.id])

    # --- asking the model -------------------------------------------------------------------

    async def _ask(self, run: TurnRun, delivery: Delivery) -> ModelResult:
        """Have the model asked, showing words on the way; withdraw the words after a failure."""
        await delivery.opened()  # no model is paid for words that cannot be delivered
        async with self._stage.typing(run.turn.room) as stop_typing:

            def show(text: str) -> None:
                if text:
                    stop_typing()
                delivery.askers = run.askers
                delivery.show(text)

            with self._running_turns.play(run.turn, run.character) as running:
                try:
                    return await self._ask_with_retries(run, running, show)
                except Exception:
                    await self._withdraw(run, delivery)
                    raise

    async def _ask_with_retries(
        self, run: TurnRun, running: RunningTurn, show: Show
    ) -> ModelResult:
        """Have the model asked, and again while the store or Discord's history cannot be read.

        If the turn were dropped meanwhile, the next prompt would hold its message, and a resumed
        turn would answer it a second time.
        """

        async def tell(tries: int, error: BaseException | None) -> None:
            if tries == 1 and isinstance(error, StoreError) and run.since_accepted() < TOLD_WITHIN:
                await self._tell(run, RefusedError(store.waits(error)))

        # A regeneration fails at once for want of the right: the earlier answer stands.
        may_come_back = () if run.turn.is_regeneration else (NotPermittedError,)
        waiting = retry_policy(
            "not answered yet",
            stop=_has_waited,
            tell=tell,
            over=(StoreError, DiscordDownError, *may_come_back),
        )
        return await waiting(self._model_turns.ask, run, running, show)

    async def _end_wordless(self, run: TurnRun, delivery: Delivery, result: NoWords) -> None:
        """End a turn without new words; a failed regeneration shows the earlier answer again."""
        ending, note, session = _ending(result)
        await self._withdraw(run, delivery)
        if not run.rolled_back:
            await self._close(run, ending, note, TurnState.DONE, session)
            return
        self._on_outcome(run.outcome(ending))
        if isinstance(result, TargetDeleted):
            await self._tell(run, RefusedError(refusals.NOTHING_ASKED))
        elif isinstance(result, Skipped) or (isinstance(result, Stopped) and result.was_skipped):
            stays = refusals.NothingToAdd if run.goes_on else refusals.NothingElse
            await self._tell(run, RefusedError(stays(run.character.name)))

    # --- delivery ---------------------------------------------------------------------------

    async def _deliver(
        self, run: TurnRun, delivery: Delivery, session: Session | None = None
    ) -> None:
        """Show the text of record and end the turn. `session` has the new answer; None: unchanged.

        An earlier answer is shown again in its own messages, at its own position.
        """
        was_said, delivery.askers = bool(run.turn.order), run.askers
        alternatives = max(1, len(run.turn.takes))
        chunks = await delivery.finish(run.turn.shown_text, take=run.turn.take, of=alternatives)
        room = run.turn.room
        newest = max(self._message_log.latest(room.id), self._stage.newest(room) or 0)
        said = run.said(chunks, after=newest)
        run.shown(chunks, said.order)
        if not was_said:
            self._message_log.hear(said)
            if not await self._inbox.on_character_message(run.turn, said, run.request.is_resumed):
                return
        else:
            self._message_log.reword(said)
            if not run.rolled_back:
                await self._mark_stale(run, session)
        # The whole record once more: a store that crashed may have lost its latest writes.
        await self._ledger.end(run.turn, session=session, joined=run.ended_with())
        if not run.rolled_back:
            changed = was_said and session is None
            self._on_outcome(run.outcome(Ending.CHANGED if changed else Ending.ANSWERED))

    async def _retract(self, run: TurnRun, delivery: Delivery) -> None:
        """Delete an answer that a person wants gone."""
        await delivery.withdraw()
        self._message_log.unsay(run.turn.room.id, run.turn.chunks)
        await self._mark_stale(run, None)
        await self._close(run, Ending.CHANGED, "taken back")

    async def _mark_stale(self, run: TurnRun, session: Session | None) -> None:
        """Mark Codex threads stale that have seen the earlier answer, from its question on.

        The character's own Codex thread is not stale if `session` holds the new answer.
        """
        room, order = run.turn.room, run.turn.trigger
        knows = run.character.key if session is not None else None
        asked = self._model_turns.asked(room.id, order)
        await self._ledger.cut(room.id, order, asked=asked, spared=knows)
        for discord_thread_id in run.turn.chunks:
            # A Discord thread started from the answer has its message id, and shows it first.
            self._message_log.forget(discord_thread_id)
            asked = self._model_turns.asked(discord_thread_id, discord_thread_id)
            await self._ledger.cut(discord_thread_id, discord_thread_id + 1, asked=asked)

    # --- endings ----------------------------------------------------------------------------

    async def _withdraw(self, run: TurnRun, delivery: Delivery) -> None:
        """Delete the shown part of an answer that will not come; show an earlier answer again."""
        try:
            if run.turn.is_regeneration:
                unanswered = run.unanswered_session()
                run.roll_back()
                await self._ledger.record(run.turn, session=unanswered)
                await self._deliver(run, delivery)
            else:
                await delivery.withdraw()
        except DeliveryError as error:
            log.warning("the part that was shown stays: %s", error)

    async def _apologise(self, run: TurnRun, error: Exception) -> None:
        """End a turn that failed, and tell the room why."""
        if run.rolled_back:
            self._on_outcome(run.outcome(Ending.FAILED, error))
        else:
            run.close(_failed_state(run), str(error))
            await self._ledger.end(
                run.turn, session=run.unanswered_session(), joined=run.ended_with()
            )
            self._on_outcome(run.outcome(Ending.FAILED, error))
        await self._tell(run, error)

    async def _tell(self, run: TurnRun, error: Exception) -> None:
        try:
            await self._stage.tell(
                run.turn.room,
                failures.for_room(error, run.character.name, goes_on=run.goes_on),
                reply_to=run.turn.trigger,
            )
        except DeliveryError as silent:
            log.warning("the room could not be told of the failure: %s", silent)

    async def _close(
        self,
        run: TurnRun,
        ending: Ending,
        note: str,
        state: TurnState = TurnState.CLOSED,
        session: Session | None = None,
    ) -> None:
        run.close(state, note)
        await self._ledger.end(run.turn, session=session, joined=run.ended_with())
        self._on_outcome(run.outcome(ending))


def _has_waited(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    limit = PERMITTED_SECONDS if isinstance(error, NotPermittedError) else WAITING_SECONDS
    return (state.seconds_since_start or 0.0) >= limit


def _failed_state(run: TurnRun) -> TurnState:
    """Return how a failed turn ends: DONE if an earlier answer stands and can be changed later."""
    return TurnState.DONE if run.turn.order else TurnState.CLOSED


def _ending(result: NoWords) -> tuple[Ending, str, Session | None]:
    """Return how a turn without words ends, the note for its record, and the session to keep."""
    match result:
        case TargetDeleted():
            return Ending.SKIPPED, "what was asked was deleted", None
        case Stopped():
            return Ending.SKIPPED, "stopped", None
        case Skipped(reason=reason, session=session):
            return Ending.SKIPPED, reason, session
        case Acted(session=session):
            return Ending.ACTED, "", session
        case _:
            assert_never(result)
