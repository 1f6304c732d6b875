"""Starts the turns that a message calls for. The inbox owns the order of the messages.

    hear ─▶ inbox, a mailbox a room ─▶ decide ─▶ accepted turns ─▶ turn queues, in the order named

Messages that arrive while a seat speaks are coalesced into the seat's next turn
(`bot.rooms.turns.turn_queues`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from tenacity import RetryCallState

from bot.domain.character import Character
from bot.domain.decision import Decision, Verdict
from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import RefusedError, StoreError
from bot.message_data import Message
from bot.refusals import ROOM_PAUSED
from bot.rooms.decisions.decider import Decider
from bot.rooms.dispatch.hints import Hints
from bot.rooms.dispatch.late_naming import LateNaming
from bot.rooms.log.message_log import MessageLog
from bot.rooms.record.retry import retry_policy
from bot.rooms.state.inbox import Inbox
from bot.rooms.state.mailbox import Heard, Mailbox
from bot.rooms.state.offsets import Offsets
from bot.rooms.turns.process_state import ProcessState
from bot.rooms.turns.turn_queues import TurnQueues
from bot.tasks import Tasks

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# A message that waited longer for the store is not answered: the conversation has moved on.
TOO_OLD = timedelta(minutes=15)


class Dispatcher:
    """Decides on messages and starts the turns of the characters that answer.

    Consumes the inbox, which hands it one message of a room at a time, in order.
    """

    def __init__(
        self,
        *,
        decider: Decider,
        message_log: MessageLog,
        turn_queues: TurnQueues,
        hints: Hints,
        process_state: ProcessState,
        inbox: Inbox,
        offsets: Offsets,
        tasks: Tasks,
    ) -> None:
        self._decider = decider
        self._casting, self._policies = decider.casting, decider.policies
        self._decision_inputs, self._now = decider.decision_inputs, decider.decision_inputs.now
        self._budgets, self._spending, self._why = decider.budgets, decider.spending, decider.why
        self._message_log = message_log
        self._turn_queues = turn_queues
        self._hints = hints
        self._process_state = process_state
        self._inbox = inbox
        self._offsets = offsets
        self._tasks = tasks
        self._late_naming = LateNaming(
            decider=decider, turn_queues=turn_queues, hints=hints, with_retries=self._with_retries
        )
        inbox.serve(self._consider)

    def hear(self, room: Room, utterance: Utterance, *, read: bool = False) -> None:
        """Post a message to the inbox. Synchronous, or Discord's events would overtake each other.

        `read`: the message comes from the backfill, so it may be redelivered.
        """
        if self._inbox.is_closed:
            return
        if not self._casting.has(room):
            self._message_log.forget(room.id)
            if (hint := self._hints.for_nobody(room, utterance)) is not None:
                self._tasks.start("nobody here", self._tell(room, hint, utterance))
            return
        self._inbox.post(room, Heard(utterance, again=read))

    def amend(self, room: Room, said: Utterance) -> None:
        """Post an edited message to the inbox if its new wording may call a character."""
        if not self._inbox.is_closed and self._late_naming.concerns(room, said):
            self._inbox.post(room, Heard(said, edited=True))

    def release(self, room: Room) -> None:
        """Decide on the messages that waited for the room's missed range, oldest first."""
        self._inbox.release(room)

    async def admit(self, room: Room, person: int) -> None:
        """Count a turn that `person` is about to cause by a command.

        Raises `RefusedError` if the room is paused or the person has reached a spending limit,
        `StoreError` if the counts cannot be read.
        """
        if self._policies.is_paused(room):
            raise RefusedError(ROOM_PAUSED)
        await self._spending.admit(person)

    async def say(self, room: Room, utterance: Utterance, character: Character) -> None:
        """Start the turn for a command by which an admitted person speaks to `character`.

        `utterance` is the message shown in the room. Returns once the turn is on record; raises
        `StoreError` if it cannot be.
        """
        verdict, at = Verdict(character.key, character.name, Reason.SAY), self._now()
        decision = Decision(room.id, utterance.message_id, utterance.speaker.name, at, (verdict,))
        (turn,) = decision.turns(room, utterance.speaker.id, at)
        if await self._turn_queues.accept(turn):
            self._message_log.hear(utterance)
            self._turn_queues.play([turn])
            await self._decision_inputs.remember(room, decision, [turn])
            await self._why.record(decision)

    async def greet(self, room: Room, character: Character, message_id: int, asker: int) -> None:
        """Have a character that message `message_id` has just summoned say its greeting.

        Returns once the turn is on record; raises `StoreError` if it cannot be.
        """
        turn = Turn(
            room=room,
            character=character.key,
            trigger=message_id,
            asker=asker,
            reason=Reason.SAY,
            accepted_at=self._now(),
            state=TurnState.RECORDED,
            text=character.greeting,
        )
        self._hints.greeted(room)
        if not character.greeting:
            self._tasks.start("prepare", self._process_state.prepare(room, character))
        elif await self._turn_queues.accept(turn):
            self._turn_queues.play([turn])

    async def finish(self, timeout: float) -> None:
        """Refuse new messages, and wait at most `timeout` seconds for the turns in hand."""
        self._inbox.close()
        await self._tasks.join(timeout)

    # --- from a message to turns ------------------------------------------------------------

    async def _consider(self, room: Room, heard: Heard, mailbox: Mailbox) -> None:
        utterance = self._message_log.current(heard.utterance)
        if utterance is None:
            return  # deleted while it waited
        if heard.turn is not None:
            await self._answer_character(heard, heard.turn, mailbox)
        elif heard.edited:
            await self._answer_edit(room, utterance, mailbox)
        elif utterance.speaker.kind is SpeakerKind.PERSON:
            await self._answer_person(room, heard, mailbox)
        else:
            self._message_log.hear(utterance)

    async def _answer_person(self, room: Room, heard: Heard, mailbox: Mailbox) -> None:
        utterance, began = heard.utterance, self._now()
        decision, accepted = None, list[Turn]()
        try:
            decision = await self._decide_on_newest(room, heard)
            asker, at = utterance.speaker.id, self._now()
            # Built once, so that the ledger recognises a retry of `accept` as the same turn.
            for turn in decision.turns(room, asker, at, heard.again) if decision else ():
                if await self._with_retries(room, utterance, self._turn_queues.accept, turn):
                    accepted.append(turn)
        except StoreError as error:
            log.warning("cannot accept the turns of a message: %s", error)
        finally:
            # Logged and queued without an await between: a prompt that is built meanwhile sees the
            # message together with its turns, or neither.
            mailbox.deciding = None
            self._message_log.hear(utterance)
            self._turn_queues.play(accepted)
        if decision is not None:
            await self._decision_inputs.remember(room, decision, accepted)
        if decision is not None and decision.at >= began:  # an older decision has had its hint
            if (newest := self._message_log.current(utterance)) is not None:
                await self._hints.after(room, newest, decision)
            await self._why.record(decision)

    async def _answer_edit(self, room: Room, said: Utterance, mailbox: Mailbox) -> None:
        try:
            accepted = await self._late_naming.answer(room, said)
        except StoreError as error:
            log.warning("cannot decide on an edited message: %s", error)
        else:
            mailbox.deciding = None
            self._turn_queues.play(accepted)
            await self._decision_inputs.remember_asked(room, accepted)

    async def _decide_on_newest(self, room: Room, heard: Heard) -> Decision | None:
        """Decide on the newest wording of a person's message; None once it is deleted."""
        decided: tuple[Utterance, Decision] | None = None
        while (utterance := self._message_log.current(heard.utterance)) is not None:
            if decided is not None and decided[0].reads_as(utterance):
                made = decided[1]
                self._spending.count_turns(utterance.speaker.id, made.turn_ids, at=made.at)
                return made
            decision = await self._with_retries(
                room, heard.utterance, self._decide, room, utterance, heard.again
            )
            decided = utterance, decision
        return None

    async def _answer_character(self, heard: Heard, turn: Turn, mailbox: Mailbox) -> None:
        """Have characters answer another character's message, within the budget.

        The asker of their turns is still the person.
        """
        room, accepted = turn.room, list[Turn]()
        try:
            decision = await self._decide_on_character(room, heard, turn)
            if decision.speaking:
                # Written first: an answer that may not have been counted is not given.
                await self._budgets.use(room.id, turns=len(decision.speaking))
                for answer in decision.turns(room, turn.asker, self._now(), heard.again):
                    if await self._turn_queues.accept(answer):
                        accepted.append(answer)
        except StoreError as error:
            log.warning("no character answers a character's message: %s", error)
        finally:
            # As for a person's message: no prompt contained it while it was decided on.
            mailbox.deciding = None
            self._turn_queues.play(accepted)
        for answer in accepted:
            self._decision_inputs.spoke_unasked(answer.seat)

    async def _decide_on_character(self, room: Room, heard: Heard, turn: Turn) -> Decision:
        """Decide on a character's message; a redelivered message keeps its recorded decision.

        The decision is recorded before any turn starts: a later crash cannot change it.
        """
        before = (
            await self._why.decided(room.id, heard.utterance.message_id) if heard.again else None
        )
        if before is not None:
            return before
        # Characters whose own turn for the same trigger still waits will see this answer in their
        # prompt, so they get no second turn.
        in_hand, keys = self._turn_queues.in_hand, (who.key for who in self._casting.cast(room))
        after = {key for key in keys if f"{Seat(room.id, key)}:{turn.trigger}" in in_hand}
        decision = await self._decider.on_character(room, heard.utterance, after, turn.asker)
        self._spending.count_turns(turn.asker, decision.turn_ids, at=decision.at)
        if any(verdict.reason is not None for verdict in decision.verdicts):
            await self._why.record(decision)
        return decision

    async def _decide(self, room: Room, utterance: Utterance, again: bool) -> Decision:
        """Decide on a person's message; a redelivered message keeps its recorded decision.

        `again`: the message may be redelivered.
        """
        again = again or self._offsets.passed(room.id, utterance.message_id)
        if again and not self._policies.is_paused(room):
            before = await self._why.decided(room.id, utterance.message_id)
            if before is not None:
                return before
        listening = self._turn_queues.listening(room, utterance.speaker.id)
        return await self._decider.on_person(room, utterance, listening)

    async def _with_retries(
        self,
        room: Room,
        utterance: Utterance,
        step: Callable[P, Awaitable[T]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Retry the step while the store is away; tell the person that the answer waits.

        Raises `StoreError` once the message is deleted or older than `TOO_OLD`.
        """

        async def tell(_: int, error: BaseException | None) -> None:
            if (newest := self._message_log.current(utterance)) is not None:
                await self._hints.without_store(room, newest, error)

        def is_over(_: RetryCallState) -> bool:
            is_deleted = self._message_log.current(utterance) is None
            return is_deleted or self._now() - utterance.at > TOO_OLD

        retrying = retry_policy("a message waits for its decision", stop=is_over, tell=tell)
        return await retrying(step, *args, **more)

    async def _tell(self, room: Room, hint: Message, utterance: Utterance) -> None:
        if self._message_log.current(utterance) is not None:
            await self._hints.tell(room, hint, utterance)
