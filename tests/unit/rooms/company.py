"""A director with everything behind it in memory, for tests of who speaks and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from bot.domain.character import Character
from bot.domain.room import Place, Room, Seat
from bot.domain.spending import SpendingLimits
from bot.domain.turn import TurnState
from bot.domain.utterance import Attachment, Speaker, Utterance
from bot.rooms.budgets import Budgets
from bot.rooms.casting import Casting
from bot.rooms.changes import Changes
from bot.rooms.circumstances import Circumstances
from bot.rooms.director import Director
from bot.rooms.hearing import Hearing
from bot.rooms.hints import Hints
from bot.rooms.model_turns import ModelTurns
from bot.rooms.notices import Notices
from bot.rooms.patience import PatientLedger
from bot.rooms.policies import Policies
from bot.rooms.presence import Presence
from bot.rooms.recollection import Recollection
from bot.rooms.running_turns import RunningTurn, RunningTurns
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.taking_up import TakingUp
from bot.rooms.turn_results import Outcome
from bot.rooms.turn_runner import TurnRunner
from bot.rooms.turn_slots import SlotLimits, TurnSlots
from bot.rooms.unseen import UnseenChanges
from bot.rooms.waiting_marks import WaitingMarks
from bot.rooms.why import Why
from bot.tasks import Tasks
from tests.fakes.casts import MemoryCasts
from tests.fakes.files import MemoryFiles
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play, ScriptedMind
from tests.fakes.policies import MemoryDecisions, MemoryPolicies
from tests.fakes.spending import MemorySpending
from tests.fakes.stage import MemoryStage

ANN = Speaker(1, "Ann")
BEN = Speaker(2, "Ben")
ROOM = Room(7, Place.CHANNEL, 99)
MIRA = Character("mira", "Mira", "You keep the inn.", greeting="Come in!")
KAI = Character("kai", "Kai", "You tend the engine.")
NO_LIMITS = SpendingLimits()


class Bookshelf:
    """`Characters` that a test can change."""

    def __init__(self, *characters: Character) -> None:
        self.by_key = {one.key: one for one in characters}

    def get(self, key: str) -> Character | None:
        return self.by_key.get(key)

    def all(self) -> tuple[Character, ...]:
        return tuple(self.by_key.values())


class Company:
    """The whole of `bot.rooms` on twins in memory."""

    def __init__(
        self,
        *script: Play,
        ledger: MemoryLedger | None = None,
        decisions: MemoryDecisions | None = None,
        spent: MemorySpending | None = None,
        limits: SpendingLimits = NO_LIMITS,
        answer_seconds: float = 300.0,
    ) -> None:
        self.mind = ScriptedMind(*script, silence=0.2)
        self.tasks = Tasks("test")
        self.memory = ledger or MemoryLedger()
        self.ledger = PatientLedger(self.memory, self.tasks)
        self.stage = MemoryStage(self.ledger.chunk)
        self.hearing = Hearing(self.stage)
        self.files = MemoryFiles()
        self.shelf = Bookshelf(MIRA, KAI)
        self.casts = MemoryCasts()
        self.casting = Casting(self.casts, self.shelf)
        self.scenes = RunningTurns(paused=lambda room: self.policies.of(room).paused)
        self.kept, self.decisions = MemoryPolicies(), decisions or MemoryDecisions()
        self.policies = Policies(self.kept)
        self.why = Why(store=self.decisions, ledger=self.ledger)
        self.budgets = Budgets(self.decisions)
        self.spent = spent or MemorySpending()
        self.spending = Spending(self.spent, limits, self.tasks, now=self.stage.now)
        self.circumstances = Circumstances(
            casting=self.casting,
            ledger=self.ledger,
            bindings=self.kept,
            budgets=self.budgets,
            spending=self.spending,
            now=self.stage.now,
        )
        self.outcomes: list[Outcome] = []
        self.gone: list[int] = []
        self.prepared: list[str] = []
        self.decided: list[int] = []
        # What was there before it began to listen is nobody's to decide.
        self.began = 1 << 62
        self.has_gap: Callable[[Room], bool] = lambda _: False
        self.whole_upto: Callable[[Room], int | None] = lambda _: None
        presence = Presence(scenes=self.scenes, awake=lambda _: False, prepare=self._prepare)
        self.unseen = UnseenChanges(self.stage, self.ledger)
        recollection = Recollection(
            mind=self.mind,
            stage=self.stage,
            ledger=self.ledger,
            hearing=self.hearing,
            files=self.files,
            unseen=self.unseen,
            settled=lambda room_id: self.changes.settled(room_id),
            since=self.policies.since,
            passed=lambda _, message: message <= max(self.decided, default=self.began),
        )
        model_turns = ModelTurns(
            mind=self.mind,
            ledger=self.ledger,
            hearing=self.hearing,
            recollection=recollection,
            answer_seconds=answer_seconds,
        )
        self.changes = Changes(
            hearing=self.hearing, ledger=self.ledger, thinking=model_turns, tasks=self.tasks
        )
        self.marks = WaitingMarks(self.stage, self.tasks)
        self.seats = Seats(
            ledger=self.ledger,
            performance=TurnRunner(
                model_turns=model_turns,
                stage=self.stage,
                ledger=self.ledger,
                hearing=self.hearing,
                running_turns=self.scenes,
                on_outcome=self._ended,
                on_said=lambda turn, said, again: self.director.overhear(turn, said, again),
                on_gone=self._gone,
            ),
            casting=self.casting,
            characters=self.shelf,
            presence=presence,
            slots=TurnSlots(SlotLimits(per_person=100, per_server=100)),
            marks=self.marks,
            tasks=self.tasks,
            paused=lambda room: self.policies.of(room).paused,
            undecided=lambda room: self.director.undecided(room),
        )
        self.director = Director(
            casting=self.casting,
            hearing=self.hearing,
            seats=self.seats,
            policies=self.policies,
            circumstances=self.circumstances,
            budgets=self.budgets,
            why=self.why,
            hints=Hints(casting=self.casting, notices=Notices(self.stage)),
            presence=presence,
            spending=self.spending,
            tasks=self.tasks,
            on_decided=lambda _, message: self.decided.append(message),
            passed=lambda _, message: message <= max(self.decided, default=0),
            has_gap=lambda room: self.has_gap(room),
            whole_upto=lambda room: self.whole_upto(room),
        )
        self.taking_up = TakingUp(ledger=self.ledger, seats=self.seats, now=self.stage.now)

    async def _gone(self, room_ids: Sequence[int]) -> None:
        self.gone += room_ids
        await self.casting.forget(room_ids)

    def _ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.director.spent(outcome.turn.room.id, outcome.tokens)

    async def _prepare(self, room: Room, character: Character) -> None:
        self.prepared.append(character.key)

    def says(
        self,
        text: str,
        *,
        by: Speaker = ANN,
        mentions_bot: bool = False,
        attachments: tuple[Attachment, ...] = (),
        **more: int,
    ) -> Utterance:
        """Ann (or another) says something, and the director hears it."""
        said = self.stage.say(ROOM, by, text, attachments=attachments, **more)
        heard = Utterance(
            said.message_id,
            ROOM.id,
            by,
            text,
            said.at,
            attachments=attachments,
            reply_to=said.reply_to,
            reply_to_name=said.reply_to_name,
            reply_to_text=said.reply_to_text,
            mentions_bot=mentions_bot,
        )
        self.director.hear(ROOM, heard)
        return heard

    async def quiet(self) -> None:
        """Wait until nothing is in hand any more."""
        async with asyncio.timeout(20):
            while len(self.tasks):
                await self.tasks.join(5)

    def scene(self) -> RunningTurn:
        """Mira's turn, while she speaks."""
        found = self.scenes.playing(Seat(ROOM.id, MIRA.key))
        assert found is not None
        return found

    def answers(self) -> list[str]:
        return self.stage.texts(ROOM.id)

    def states(self) -> list[TurnState]:
        return [one.turn.state for one in self.outcomes]


@asynccontextmanager
async def company(
    *script: Play, cast: tuple[Character, ...] = (MIRA,), answer_seconds: float = 300.0
) -> AsyncIterator[Company]:
    """A room with this cast, nobody greeted."""
    made = Company(*script, answer_seconds=answer_seconds)
    for one in cast:
        await made.casting.summon(ROOM, one)
    async with made.tasks:
        yield made


async def until(condition: Callable[[], object]) -> None:
    """Let the others go on until it holds; twenty seconds at most."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 twins in memory have no event for every step
            await asyncio.sleep(0)
