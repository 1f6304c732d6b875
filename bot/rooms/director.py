"""Who speaks and when: a mailbox a room, decided on in order. Owns the decision, not the playing.

    hear ─▶ room's mailbox ─▶ decide ─▶ accepted turns ─▶ seats: one after the other, as named
What arrives while a seat speaks becomes one next turn of that seat (`bot.rooms.seats`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from tenacity import RetryCallState

from bot.domain.character import Character
from bot.domain.deciding import decide
from bot.domain.decision import Decision, Verdict
from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import RefusedError, StoreError
from bot.message_data import Message
from bot.refusals import ROOM_PAUSED
from bot.rooms.budgets import Budgets
from bot.rooms.casting import Casting
from bot.rooms.circumstances import Circumstances
from bot.rooms.hearing import Hearing
from bot.rooms.hints import Hints
from bot.rooms.late_naming import LateNaming
from bot.rooms.mailbox import Heard, Mailbox
from bot.rooms.patience import patiently
from bot.rooms.policies import Policies
from bot.rooms.presence import Presence
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.why import Why
from bot.tasks import Tasks

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# What could not be taken for so long is not answered any more: the talk has moved on.
TOO_OLD = timedelta(minutes=15)


class Director:
    """Takes what rooms hear, in order, and has the right seats speak, by `bot.domain.deciding`.

    `on_decided(room, message_id)` is told when a message needs nothing more of us, in the
    order of each room; `passed(room_id, message_id)` whether that one or a later one was.
    Where `has_gap(room)`, nothing is decided on before `release`; where something may be missing,
    `whole_upto(room)` is the last message before that.
    """

    def __init__(
        self,
        *,
        casting: Casting,
        hearing: Hearing,
        seats: Seats,
        policies: Policies,
        circumstances: Circumstances,
        budgets: Budgets,
        why: Why,
        hints: Hints,
        presence: Presence,
        spending: Spending,
        tasks: Tasks,
        on_decided: Callable[[Room, int], None],
        passed: Callable[[int, int], bool],
        has_gap: Callable[[Room], bool],
        whole_upto: Callable[[Room], int | None],
    ) -> None:
        self._casting = casting
        self._hearing = hearing
        self._seats = seats
        self._policies = policies
        self._circumstances, self._now = circumstances, circumstances.now
        self._budgets = budgets
        self._why = why
        self._hints = hints
        self._presence = presence
        self._spending = spending
        self._tasks = tasks
        self._on_decided = on_decided
        self._passed = passed
        self._has_gap = has_gap
        self._whole_upto = whole_upto
        self._late_naming = LateNaming(
            casting=casting,
            policies=policies,
            circumstances=circumstances,
            spending=spending,
            seats=seats,
            why=why,
            hints=hints,
            patiently=self._patiently,
        )
        self._mailboxes: dict[int, Mailbox] = {}
        self._closed = False

    @property
    def is_over(self) -> bool:
        """Whether nothing new is taken any more."""
        return self._closed

    def hear(self, room: Room, utterance: Utterance, *, read: bool = False) -> None:
        """Take an utterance, before anything is awaited: events of Discord overtake each other.

        `read`: from the room's history, so that somebody may have heard it live.
        """
        if self._closed:
            return
        if not self._casting.has(room):
            self._hearing.forget(room.id)
            if (hint := self._hints.for_nobody(room, utterance)) is not None:
                self._tasks.start("nobody here", self._tell(room, hint, utterance))
            return
        self._post(room, Heard(utterance, again=read))

    def amend(self, room: Room, said: Utterance) -> None:
        """Take what a message reads now that it was edited: it may call somebody only now."""
        if not self._closed and self._late_naming.concerns(room, said):
            self._post(room, Heard(said, edited=True))

    async def overhear(self, turn: Turn, utterance: Utterance, again: bool) -> bool:
        """Take what a character said in `turn`: others may answer it. Heard already.

        True once it is written down who does; False when that is left to the next process. `again`:
        it may have been overheard before.
        """
        others = [one for one in self._casting.cast(turn.room) if one.key != turn.character]
        # A greeting was not thought, and asks nobody.
        if turn.thread_id is None or not others:
            return True
        if self._closed:
            return False
        heard = Heard(utterance, turn, again)
        self._post(turn.room, heard)
        await heard.decided.wait()
        return True

    def release(self, room: Room) -> None:
        """The room's gap is read: decide on what came meanwhile, oldest first."""
        mailbox = self._mailboxes.get(room.id)
        if mailbox is not None:
            mailbox.put_in_order()
            self._open(room, mailbox)

    def _post(self, room: Room, heard: Heard) -> None:
        mailbox = self._mailboxes.setdefault(room.id, Mailbox())
        mailbox.waiting.append(heard)
        self._open(room, mailbox)

    def _open(self, room: Room, mailbox: Mailbox) -> None:
        # What was said in a gap comes first, or it would be told twice: before, and when read.
        if mailbox.waiting and not mailbox.working and not self._has_gap(room):
            mailbox.working = True
            self._tasks.start(f"room {room.id}", self._work(room, mailbox))

    def undecided(self, room: Room) -> int | None:
        """From which order on nothing is decided yet, so that nobody may be told of it; or None.

        What is told is answered, and would be asked once more when it is decided on.
        """
        whole_upto = self._whole_upto(room)
        orders = [] if whole_upto is None else [whole_upto + 1]
        if (mailbox := self._mailboxes.get(room.id)) is not None:
            orders += mailbox.undecided()
        return min(orders, default=None)

    def spent(self, room_id: int, tokens: int) -> None:
        """A turn in that room cost so many tokens."""
        self._spending.count_tokens(tokens)
        if tokens:
            self._tasks.start("spent", self._spend(room_id, tokens))

    async def admit(self, room: Room, person: int) -> None:
        """Count a turn that `person` is about to cause by a command.

        Raises `RefusedError` where nobody may be spoken to now, or when that person has reached a
        spending limit; `StoreError` where that is not known.
        """
        if self._policies.of(room).paused:
            raise RefusedError(ROOM_PAUSED)
        await self._spending.admit(person)

    async def say(self, room: Room, utterance: Utterance, character: Character) -> None:
        """A person who was admitted speaks to `character` by a command; `utterance` is what the
        room was shown.

        Returns when it is written down; raises `StoreError` when that cannot be.
        """
        verdict, at = Verdict(character.key, character.name, Reason.SAY), self._now()
        decision = Decision(room.id, utterance.message_id, utterance.speaker.name, at, (verdict,))
        (turn,) = decision.turns(room, utterance.speaker.id, at)
        if await self._seats.accept(turn):
            self._hearing.hear(utterance)
            self._seats.play([turn])
            await self._circumstances.remember(room, decision, [turn])
            await self._why.record(decision)

    async def greet(self, room: Room, character: Character, message_id: int, asker: int) -> None:
        """Have a character that was just summoned by `message_id` say its greeting.

        Returns when it is written down; raises `StoreError` when that cannot be.
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
            self._tasks.start("prepare", self._presence.prepare(room, character))
        elif await self._seats.accept(turn):
            self._seats.play([turn])

    async def finish(self, timeout: float) -> None:
        """Take nothing new, and wait `timeout` seconds at most for what is in hand."""
        self._closed = True
        await self._tasks.join(timeout)

    # --- from a message to turns ------------------------------------------------------------

    async def _work(self, room: Room, mailbox: Mailbox) -> None:
        try:
            while mailbox.waiting and not self._has_gap(room):
                heard = mailbox.waiting.popleft()
                mailbox.deciding = heard.utterance if heard.may_ask else None
                try:
                    await self._consider(room, heard, mailbox)
                except Exception:
                    log.exception("an utterance could not be considered")
                heard.decided.set()
                if heard.turn is None:
                    self._on_decided(room, heard.utterance.message_id)
        finally:
            mailbox.working, mailbox.deciding = False, None
            if not mailbox.waiting:
                self._mailboxes.pop(room.id, None)

    async def _consider(self, room: Room, heard: Heard, mailbox: Mailbox) -> None:
        utterance = self._hearing.current(heard.utterance)
        if utterance is None:
            return  # deleted while it waited
        if heard.turn is not None:
            await self._answer_character(heard, heard.turn, mailbox)
        elif heard.edited:
            await self._answer_edit(room, utterance, mailbox)
        elif utterance.speaker.kind is SpeakerKind.PERSON:
            await self._answer_person(room, heard, mailbox)
        else:
            self._hearing.hear(utterance)

    async def _answer_person(self, room: Room, heard: Heard, mailbox: Mailbox) -> None:
        utterance, began = heard.utterance, self._now()
        decision, accepted = None, list[Turn]()
        try:
            decision = await self._decide_on_newest(room, heard)
            asker, at = utterance.speaker.id, self._now()
            # Made once, so that the ledger knows a repeated try.
            for turn in decision.turns(room, asker, at, heard.again) if decision else ():
                if await self._patiently(room, utterance, self._seats.accept, turn):
                    accepted.append(turn)
        except StoreError as error:
            log.warning("an utterance could not be taken: %s", error)
        finally:
            # Heard and asked in one go: a question that is put meanwhile holds both or neither.
            mailbox.deciding = None
            self._hearing.hear(utterance)
            self._seats.play(accepted)
        if decision is not None:
            await self._circumstances.remember(room, decision, accepted)
        if decision is not None and decision.at >= began:  # of an older one people were told
            if (newest := self._hearing.current(utterance)) is not None:
                await self._hints.after(room, newest, decision)
            await self._why.record(decision)

    async def _answer_edit(self, room: Room, said: Utterance, mailbox: Mailbox) -> None:
        try:
            accepted = await self._late_naming.answer(room, said)
        except StoreError as error:
            log.warning("an edit could not be taken: %s", error)
        else:
            mailbox.deciding = None
            self._seats.play(accepted)
            await self._circumstances.remember_asked(room, accepted)

    async def _decide_on_newest(self, room: Room, heard: Heard) -> Decision | None:
        """Decide on the newest wording of a person's message; None once it is deleted."""
        decided: tuple[Utterance, Decision] | None = None
        while (utterance := self._hearing.current(heard.utterance)) is not None:
            if decided is not None and decided[0].reads_as(utterance):
                made = decided[1]
                self._spending.count_turns(utterance.speaker.id, made.turn_ids, at=made.at)
                return made
            decision = await self._patiently(
                room, heard.utterance, self._decide, room, utterance, heard.again
            )
            decided = utterance, decision
        return None

    async def _answer_character(self, heard: Heard, turn: Turn, mailbox: Mailbox) -> None:
        """One character answers another, within the budget. Its asker is still the person."""
        room, accepted = turn.room, list[Turn]()
        try:
            decision = await self._decide_on_character(room, heard, turn)
            if decision.speaking:
                # Written first: what is not counted for sure is not said.
                await self._budgets.use(room.id, turns=len(decision.speaking))
                for answer in decision.turns(room, turn.asker, self._now(), heard.again):
                    if await self._seats.accept(answer):
                        accepted.append(answer)
        except StoreError as error:
            log.warning("no character answers another one: %s", error)
        finally:
            # As for a person's: nobody was told of it while it was decided on.
            mailbox.deciding = None
            self._seats.play(accepted)
        for one in accepted:
            self._circumstances.spoke_unasked(one.seat)

    async def _decide_on_character(self, room: Room, heard: Heard, turn: Turn) -> Decision:
        """What holds for a character's words. Kept first: a crash from here on changes nothing."""
        before = (
            await self._why.decided(room.id, heard.utterance.message_id) if heard.again else None
        )
        if before is not None:
            return before
        cast = self._casting.cast(room)
        # Whom the same message asked after this one: they hear it there.
        in_hand = self._seats.in_hand
        after = {one.key for one in cast if f"{Seat(room.id, one.key)}:{turn.trigger}" in in_hand}
        facts = await self._circumstances.of_character(
            room, heard.utterance, cast, after, turn.asker
        )
        decision = decide(heard.utterance, cast, self._policies.of(room), facts)
        self._spending.count_turns(turn.asker, decision.turn_ids, at=decision.at)
        if any(one.reason is not None for one in decision.verdicts):
            await self._why.record(decision)
        return decision

    async def _decide(self, room: Room, utterance: Utterance, again: bool) -> Decision:
        """What holds for a person's message; what was decided before holds again.

        `again`: it may have been decided on before.
        """
        policy = self._policies.of(room)
        again = again or self._passed(room.id, utterance.message_id)
        if again and not policy.paused:
            before = await self._why.decided(room.id, utterance.message_id)
            if before is not None:
                return before
        cast = self._casting.cast(room)
        listening = self._seats.listening(room, utterance.speaker.id)
        facts = await self._circumstances.of_person(room, utterance, cast, listening)
        return decide(utterance, cast, policy, facts)

    async def _patiently(
        self,
        room: Room,
        utterance: Utterance,
        step: Callable[P, Awaitable[T]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """Take the step when the store is there: what was said waits for it, and is told so.

        Raises `StoreError` when the talk has moved on meanwhile, or it was deleted.
        """

        async def tell(_: int, error: BaseException | None) -> None:
            if (newest := self._hearing.current(utterance)) is not None:
                await self._hints.without_store(room, newest, error)

        def is_over(_: RetryCallState) -> bool:
            is_deleted = self._hearing.current(utterance) is None
            return is_deleted or self._now() - utterance.at > TOO_OLD

        waiting = patiently("an utterance waits to be taken", stop=is_over, tell=tell)
        return await waiting(step, *args, **more)

    async def _tell(self, room: Room, hint: Message, utterance: Utterance) -> None:
        if self._hearing.current(utterance) is not None:
            await self._hints.tell(room, hint, utterance)

    async def _spend(self, room_id: int, tokens: int) -> None:
        try:
            await self._budgets.use(room_id, tokens=tokens)
        except StoreError as error:
            log.warning("%d tokens cannot be written down: %s", tokens, error)
