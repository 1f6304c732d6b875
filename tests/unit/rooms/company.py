"""The rooms on in-memory twins, for tests of the dispatcher and everything behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.domain.character import Character
from bot.domain.room import Place, Room, Seat
from bot.domain.spending import SpendingLimits
from bot.domain.turn import TurnState
from bot.domain.utterance import Attachment, Speaker, Utterance
from bot.rooms.record.write_behind import WriteBehindLedger
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.runs.turn_results import Outcome
from bot.rooms.state.room_state import RoomState, StatePorts, state_of
from bot.rooms.turns.limits import Limits
from bot.rooms.turns.turn_slots import SlotLimits
from bot.rooms.wiring import RoomPorts, build_rooms
from bot.tasks import Tasks
from tests.fakes.actions import MemoryActions
from tests.fakes.casts import MemoryCasts
from tests.fakes.files import MemoryFiles
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play, ScriptedMind
from tests.fakes.persona_states import MemoryPersonaStates
from tests.fakes.policies import MemoryDecisions, MemoryPolicies
from tests.fakes.spending import MemorySpending
from tests.fakes.stage import MemoryStage

ANN = Speaker(1, "Ann")
BEN = Speaker(2, "Ben")
ROOM = Room(7, Place.CHANNEL, 99)
MIRA = Character("mira", "Mira", "You keep the inn.", greeting="Come in!")
KAI = Character("kai", "Kai", "You tend the engine.")
NO_LIMITS = SpendingLimits()
MANY = SlotLimits(per_person=100, per_server=100)


class Bookshelf:
    """`Characters` that a test can change."""

    def __init__(self, *characters: Character) -> None:
        self.by_key = {character.key: character for character in characters}

    def get(self, key: str) -> Character | None:
        return self.by_key.get(key)

    def all(self) -> tuple[Character, ...]:
        return tuple(self.by_key.values())


class Company:
    """All of `bot.rooms` on in-memory twins."""

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
        self.ledger = WriteBehindLedger(self.memory, self.tasks)
        self.stage = MemoryStage(self.ledger.chunk)
        self.files, self.shelf, self.casts = MemoryFiles(), Bookshelf(MIRA, KAI), MemoryCasts()
        self.kept, self.decisions = MemoryPolicies(), decisions or MemoryDecisions()
        self.spent = spent or MemorySpending()
        self.outcomes: list[Outcome] = []
        host = Limits(spending=limits, slots=MANY)
        self.state = self._state(host)
        self.rooms = build_rooms(self._ports(host, answer_seconds))
        self._name_parts()
        self.decided: list[int] = []
        self._note_decided()
        # Never disconnected: no range is missed.
        self.offsets.resumed()

    def _name_parts(self) -> None:
        """Give the parts that tests use short names."""
        state, rooms = self.state, self.rooms
        self.casting, self.policies, self.offsets = state.casting, state.policies, state.offsets
        self.inbox, self.in_hand = state.inbox, state.in_hand
        self.message_log, self.running_turns, self.turn_queues = (
            rooms.message_log,
            rooms.running_turns,
            rooms.turn_queues,
        )
        self.dispatcher, self.changes, self.why = rooms.dispatcher, rooms.changes, rooms.why
        self.crash_recovery, self.backfill = rooms.crash_recovery, rooms.backfill
        self.spending, self.budgets = rooms.decider.spending, rooms.decider.budgets
        self.decision_inputs, self.drift = rooms.decider.decision_inputs, rooms.drift
        self.marks, self.process_state = rooms.marks, rooms.process_state

    @property
    def reads_messages(self) -> bool:
        """Whether messages come with their text, as in a `Gateway`."""
        return True

    def _state(self, limits: Limits) -> RoomState:
        return state_of(
            StatePorts(
                casts=self.casts,
                policies=self.kept,
                persona_states=MemoryPersonaStates(),
                characters=self.shelf,
                clock=self.stage,
                access=limits.access,
                turns=self.tasks,
            )
        )

    def _ports(self, limits: Limits, answer_seconds: float) -> RoomPorts:
        return RoomPorts(
            state=self.state,
            mind=self.mind,
            stage=self.stage,
            actions=MemoryActions(self.stage),
            ledger=self.ledger,
            files=self.files,
            bindings=self.kept,
            decisions=self.decisions,
            spending=self.spent,
            gateway=self,
            awake=lambda _: False,
            on_outcome=self.outcomes.append,
            tasks=self.tasks,
            turns=self.tasks,
            limits=limits,
            answer_seconds=answer_seconds,
        )

    def _note_decided(self) -> None:
        """Record the order in which messages are decided on."""
        decided = self.offsets.decided

        def note(room: Room, message_id: int) -> None:
            self.decided.append(message_id)
            decided(room, message_id)

        self.offsets.decided = note  # type: ignore[method-assign]  # called by the inbox alone

    def says(
        self,
        text: str,
        *,
        by: Speaker = ANN,
        mentions_bot: bool = False,
        attachments: tuple[Attachment, ...] = (),
        **more: int,
    ) -> Utterance:
        """Post a message of Ann or another person, and hand it to the dispatcher."""
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
        self.dispatcher.hear(ROOM, heard)
        return heard

    async def quiet(self) -> None:
        """Wait, at most twenty seconds, until no task is running."""
        async with asyncio.timeout(20):
            while len(self.tasks):
                await self.tasks.join(5)

    def scene(self) -> RunningTurn:
        """Return Mira's running turn."""
        running = self.running_turns.playing(Seat(ROOM.id, MIRA.key))
        assert running is not None
        return running

    def answers(self) -> list[str]:
        return self.stage.texts(ROOM.id)

    def states(self) -> list[TurnState]:
        return [outcome.turn.state for outcome in self.outcomes]


@asynccontextmanager
async def company(
    *script: Play, cast: tuple[Character, ...] = (MIRA,), answer_seconds: float = 300.0
) -> AsyncIterator[Company]:
    """Make a room with this cast, without greetings."""
    made = Company(*script, answer_seconds=answer_seconds)
    for character in cast:
        await made.casting.summon(ROOM, character)
    async with made.tasks:
        yield made


async def until(condition: Callable[[], object]) -> None:
    """Let other tasks run until the condition holds; twenty seconds at most."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 in-memory twins have no event for every step
            await asyncio.sleep(0)
