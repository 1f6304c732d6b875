"""The rooms, put together: the one wiring, which the program and its tests share. Owns no state.

Built from the bottom up, so that each part is handed what exists already:

    state ─ stage (the caller's) ─ decisions ─ threads ─ turns ─ dispatcher ─ backfill

What flows back up (the finished answers of characters, undecided messages, turns in hand) is
read from the state or posted to its inbox; see docs/decisions/2026-11-30-one-wiring.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.rooms.actions.service import Actions
from bot.rooms.cleanup import Cleanup
from bot.rooms.controls.dismissal import Dismissal
from bot.rooms.controls.replies import Replies
from bot.rooms.decisions.budgets import Budgets, BudgetStore
from bot.rooms.decisions.decider import Decider
from bot.rooms.decisions.decision_inputs import BindingStore, DecisionInputReader
from bot.rooms.decisions.spending import Spending, SpendingStore
from bot.rooms.decisions.why import DecisionStore, Why
from bot.rooms.dispatch.dispatcher import Dispatcher
from bot.rooms.dispatch.hints import Hints
from bot.rooms.dispatch.notices import Notices
from bot.rooms.dispatch.unread import Gateway, UnreadMessages
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.action_port import ActionPort
from bot.rooms.ports.files import Files
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.mind import Mind
from bot.rooms.ports.room_stage import RoomStage
from bot.rooms.recovery.backfill import Backfill
from bot.rooms.recovery.crash_recovery import CrashRecovery
from bot.rooms.runs.open_questions import OpenQuestions
from bot.rooms.runs.running_turns import RunningTurns
from bot.rooms.runs.turn_results import Outcome
from bot.rooms.state.room_state import RoomState
from bot.rooms.threads.drift import DriftDetector
from bot.rooms.threads.edit_propagation import EditPropagation, Edits
from bot.rooms.threads.thread_sync import ThreadSync
from bot.rooms.turns.limits import Limits
from bot.rooms.turns.model_turns import ModelTurns
from bot.rooms.turns.outcomes import Outcomes
from bot.rooms.turns.process_state import ProcessState
from bot.rooms.turns.turn_queues import TurnQueues, Waiting
from bot.rooms.turns.turn_runner import TurnRunner
from bot.rooms.turns.turn_slots import TurnSlots
from bot.rooms.turns.waiting_marks import WaitingMarks
from bot.tasks import Tasks


class Decisions(DecisionStore, BudgetStore, Protocol):
    """Where decisions and the budgets that they use are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPorts:
    """The state, the adapters and the host's limits that the rooms are built from."""

    state: RoomState
    """The shared state; the stage was built from the same object."""
    mind: Mind
    """Leases a mind for each attempt."""
    stage: RoomStage
    """Delivers answers and reads history."""
    actions: ActionPort
    """Carries out the actions of models."""
    ledger: Ledger
    """The record of turns and sessions."""
    files: Files
    """Opens attachments."""
    bindings: BindingStore
    """Which Discord threads belong to a character."""
    decisions: Decisions
    """The record of decisions and budgets."""
    spending: SpendingStore
    """What people have spent."""
    gateway: Gateway
    """Whether messages come with their text."""
    awake: Callable[[str], bool]
    """Whether the character of that key has a process."""
    on_outcome: Callable[[Outcome], None]
    """Called with the outcome of each turn; never blocks."""
    tasks: Tasks
    """Background tasks, cancelled when the bot ends."""
    turns: Tasks
    """Tasks of turns, which may finish when the bot ends."""
    limits: Limits
    """What the host allows members."""
    answer_seconds: float
    """Seconds for a whole answer, over all attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The parts that Discord's events, commands, pages and periodic tasks reach."""

    state: RoomState
    """The shared state."""
    message_log: MessageLog
    """The message log."""
    decider: Decider
    """Decides on messages, and owns the inputs of decisions."""
    why: Why
    """The record of decisions."""
    process_state: ProcessState
    """Whether a character is awake."""
    running_turns: RunningTurns
    """The running turns, by seat."""
    changes: EditPropagation
    """Takes edits and deletions."""
    turn_queues: TurnQueues
    """Accepts turns and runs them."""
    dispatcher: Dispatcher
    """Takes messages and commands, and starts turns."""
    dismissal: Dismissal
    """Sends characters away."""
    actions: Actions
    """The actions of models."""
    replies: Replies
    """What people do with a reply."""
    crash_recovery: CrashRecovery
    """Resumes the turns that were left unfinished."""
    backfill: Backfill
    """Reads missed messages."""
    cleanup: Cleanup
    """Forgets deleted rooms."""
    unread: UnreadMessages
    """Tells a room that its messages cannot be read."""
    drift: DriftDetector
    """Finds edits and deletions that Discord did not report."""
    marks: WaitingMarks
    """The marks under messages that wait."""


@dataclass(frozen=True, slots=True)
class _Base:
    """Parts that need only the ports; the turns and the dispatcher are built on them."""

    message_log: MessageLog
    decider: Decider
    running_turns: RunningTurns
    cleanup: Cleanup
    drift: DriftDetector


def build_rooms(ports: RoomPorts) -> Rooms:
    """Make every part of the rooms; nothing runs before the dispatcher gets a message."""
    state, base, questions = ports.state, _base(ports), OpenQuestions()
    process_state = ProcessState(
        running_turns=base.running_turns, stage=ports.stage, awake=ports.awake
    )
    changes = EditPropagation(
        message_log=base.message_log, ledger=ports.ledger, questions=questions, tasks=ports.tasks
    )
    model_turns = _model_turns(ports, base, questions, Edits(changes, base.drift))
    waiting = Waiting(TurnSlots(ports.limits.slots), WaitingMarks(ports.stage, ports.turns))
    turn_queues = _turn_queues(ports, _turn_runner(ports, base, model_turns), waiting)
    dispatcher = _dispatcher(ports, base, process_state, turn_queues)
    crash_recovery = CrashRecovery(
        ledger=ports.ledger, turn_queues=turn_queues, inbox=state.inbox, clock=ports.stage
    )
    return Rooms(
        state=state,
        message_log=base.message_log,
        decider=base.decider,
        why=base.decider.why,
        process_state=process_state,
        running_turns=base.running_turns,
        changes=changes,
        turn_queues=turn_queues,
        dispatcher=dispatcher,
        dismissal=Dismissal(
            casting=state.casting, running_turns=base.running_turns, turn_queues=turn_queues
        ),
        actions=_actions(ports, base),
        replies=_replies(ports, base, turn_queues),
        crash_recovery=crash_recovery,
        backfill=_backfill(ports, base, dispatcher, crash_recovery),
        cleanup=base.cleanup,
        unread=_unread(ports),
        drift=base.drift,
        marks=waiting.marks,
    )


def _base(ports: RoomPorts) -> _Base:
    state, message_log, decider = ports.state, MessageLog(ports.stage), _decider(ports)
    cleanup = Cleanup(
        stage=ports.stage,
        message_log=message_log,
        casting=state.casting,
        policies=state.policies,
        persona_states=state.persona_states,
        decision_inputs=decider.decision_inputs,
    )
    running_turns = RunningTurns(policies=state.policies, casting=state.casting)
    drift = DriftDetector(ports.stage, ports.ledger)
    return _Base(message_log, decider, running_turns, cleanup, drift)


def _decider(ports: RoomPorts) -> Decider:
    casting, budgets = ports.state.casting, Budgets(ports.decisions)
    spending = Spending(ports.spending, ports.limits.spending, ports.tasks, clock=ports.stage)
    decision_inputs = DecisionInputReader(
        casting=casting,
        ledger=ports.ledger,
        bindings=ports.bindings,
        budgets=budgets,
        spending=spending,
        clock=ports.stage,
    )
    return Decider(
        casting=casting,
        policies=ports.state.policies,
        decision_inputs=decision_inputs,
        budgets=budgets,
        spending=spending,
        why=Why(store=ports.decisions, ledger=ports.ledger),
    )


def _model_turns(
    ports: RoomPorts, base: _Base, questions: OpenQuestions, edits: Edits
) -> ModelTurns:
    thread_sync = ThreadSync(
        mind=ports.mind,
        stage=ports.stage,
        ledger=ports.ledger,
        message_log=base.message_log,
        files=ports.files,
        edits=edits,
        policies=ports.state.policies,
        offsets=ports.state.offsets,
    )
    return ModelTurns(
        mind=ports.mind,
        ledger=ports.ledger,
        message_log=base.message_log,
        thread_sync=thread_sync,
        questions=questions,
        answer_seconds=ports.answer_seconds,
    )


def _turn_runner(ports: RoomPorts, base: _Base, model_turns: ModelTurns) -> TurnRunner:
    outcomes = Outcomes(
        spending=base.decider.spending,
        budgets=base.decider.budgets,
        tasks=ports.turns,
        on_outcome=ports.on_outcome,
    )
    return TurnRunner(
        model_turns=model_turns,
        stage=ports.stage,
        ledger=ports.ledger,
        message_log=base.message_log,
        running_turns=base.running_turns,
        outcomes=outcomes,
        inbox=ports.state.inbox,
        cleanup=base.cleanup,
    )


def _turn_queues(ports: RoomPorts, turn_runner: TurnRunner, waiting: Waiting) -> TurnQueues:
    return TurnQueues(
        ledger=ports.ledger,
        turn_runner=turn_runner,
        casting=ports.state.casting,
        policies=ports.state.policies,
        inbox=ports.state.inbox,
        in_hand=ports.state.in_hand,
        waiting=waiting,
        tasks=ports.turns,
    )


def _dispatcher(
    ports: RoomPorts, base: _Base, process_state: ProcessState, turn_queues: TurnQueues
) -> Dispatcher:
    return Dispatcher(
        decider=base.decider,
        message_log=base.message_log,
        turn_queues=turn_queues,
        hints=Hints(casting=ports.state.casting, notices=Notices(ports.stage)),
        process_state=process_state,
        inbox=ports.state.inbox,
        offsets=ports.state.offsets,
        tasks=ports.turns,
    )


def _actions(ports: RoomPorts, base: _Base) -> Actions:
    return Actions(
        stage=ports.stage,
        port=ports.actions,
        message_log=base.message_log,
        persona_states=ports.state.persona_states,
        policy=ports.state.policies.of,
        bind=base.decider.decision_inputs.bind,
    )


def _replies(ports: RoomPorts, base: _Base, turn_queues: TurnQueues) -> Replies:
    return Replies(
        ledger=ports.ledger,
        turn_queues=turn_queues,
        running_turns=base.running_turns,
        casting=ports.state.casting,
        spending=base.decider.spending,
        policies=ports.state.policies,
        stage=ports.stage,
    )


def _backfill(
    ports: RoomPorts, base: _Base, dispatcher: Dispatcher, crash_recovery: CrashRecovery
) -> Backfill:
    return Backfill(
        casting=ports.state.casting,
        message_log=base.message_log,
        drift=base.drift,
        stage=ports.stage,
        dispatcher=dispatcher,
        crash_recovery=crash_recovery,
        cleanup=base.cleanup,
        offsets=ports.state.offsets,
    )


def _unread(ports: RoomPorts) -> UnreadMessages:
    return UnreadMessages(
        stage=ports.stage, casting=ports.state.casting, tasks=ports.tasks, gateway=ports.gateway
    )
