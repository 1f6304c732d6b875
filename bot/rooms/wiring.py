"""The rooms, put together: the one wiring, which the program and its tests share. Owns no state.

Built from the bottom up, so that each part is handed what exists already:

    state ─ stage (the caller's) ─ decisions ─ threads ─ turns ─ director ─ backfill

What flows back up (the finished words of a character, what is undecided, whose turn is in hand) is
read from the state or posted to its inbox; see docs/decisions/2026-11-30-one-wiring.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.rooms.action_port import ActionPort
from bot.rooms.actions import Actions
from bot.rooms.budgets import Budgets, BudgetStore
from bot.rooms.catching_up import CatchingUp
from bot.rooms.changes import Changes, Edits
from bot.rooms.circumstances import BindingStore, Circumstances
from bot.rooms.decider import Decider
from bot.rooms.director import Director
from bot.rooms.forgetting import Forgetting
from bot.rooms.hearing import Hearing
from bot.rooms.hints import Hints
from bot.rooms.leaving import Leaving
from bot.rooms.limits import Limits
from bot.rooms.model_turns import ModelTurns
from bot.rooms.notices import Notices
from bot.rooms.open_questions import OpenQuestions
from bot.rooms.outcomes import Outcomes
from bot.rooms.ports import Files, Ledger, Mind
from bot.rooms.presence import Presence
from bot.rooms.recollection import Recollection
from bot.rooms.replies import Replies
from bot.rooms.room_stage import RoomStage
from bot.rooms.running_turns import RunningTurns
from bot.rooms.seats import Seats, Waiting
from bot.rooms.spending import Spending, SpendingStore
from bot.rooms.state import RoomState
from bot.rooms.taking_up import TakingUp
from bot.rooms.turn_results import Outcome
from bot.rooms.turn_runner import TurnRunner
from bot.rooms.turn_slots import TurnSlots
from bot.rooms.unread import Gateway, UnreadMessages
from bot.rooms.unseen import UnseenChanges
from bot.rooms.waiting_marks import WaitingMarks
from bot.rooms.why import DecisionStore, Why
from bot.tasks import Tasks


class Decisions(DecisionStore, BudgetStore, Protocol):
    """Where decisions and the budgets that they use are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPorts:
    """What the rooms are built on: the state, the world's sides, the host's limits."""

    state: RoomState
    """What the rooms know; the stage was made of the same."""
    mind: Mind
    """What thinks for characters."""
    stage: RoomStage
    """Where words arrive and where the talk is read."""
    actions: ActionPort
    """Carries out the actions of models."""
    ledger: Ledger
    """The record of turns and sessions."""
    files: Files
    """Opens what people attach."""
    bindings: BindingStore
    """Which threads belong to a character."""
    decisions: Decisions
    """The record of decisions and budgets."""
    spending: SpendingStore
    """What people have spent."""
    gateway: Gateway
    """Whether messages come with their text."""
    awake: Callable[[str], bool]
    """Whether the character of that key has a process."""
    on_outcome: Callable[[Outcome], None]
    """Told what each turn came to; never blocks."""
    tasks: Tasks
    """The bot's own tasks, cut off when it ends."""
    turns: Tasks
    """What rooms have in hand; let finish when the bot ends."""
    limits: Limits
    """What the host allows members."""
    answer_seconds: float
    """For how long one answer may be thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The parts that Discord's events, commands, pages and periodic tasks reach."""

    state: RoomState
    """What the rooms know."""
    hearing: Hearing
    """The message log."""
    decider: Decider
    """Decides on messages, and keeps what that rests on."""
    why: Why
    """The record of decisions."""
    presence: Presence
    """Whether a character is awake."""
    running_turns: RunningTurns
    """The running turns, by seat."""
    changes: Changes
    """Takes edits and deletions."""
    seats: Seats
    """Accepts turns and plays them."""
    director: Director
    """Takes what is said, by message and by command."""
    leaving: Leaving
    """Sends characters away."""
    actions: Actions
    """The actions of models."""
    replies: Replies
    """What people do with a reply."""
    taking_up: TakingUp
    """Resumes the turns that were left unfinished."""
    catching_up: CatchingUp
    """Reads what was missed."""
    forgetting: Forgetting
    """Forgets places that are gone."""
    unread: UnreadMessages
    """Tells a room that its messages cannot be read."""
    unseen: UnseenChanges
    """Looks for the changes that nobody told us of."""
    marks: WaitingMarks
    """The signs under messages that wait."""


@dataclass(frozen=True, slots=True)
class _Base:
    """What stands on the state and the stage alone; the turns and the director are built on it."""

    hearing: Hearing
    decider: Decider
    running_turns: RunningTurns
    forgetting: Forgetting
    unseen: UnseenChanges


def build_rooms(ports: RoomPorts) -> Rooms:
    """Make every part of the rooms; nothing runs before the director is told of a message."""
    state, base, questions = ports.state, _base(ports), OpenQuestions()
    presence = Presence(scenes=base.running_turns, stage=ports.stage, awake=ports.awake)
    changes = Changes(
        hearing=base.hearing, ledger=ports.ledger, questions=questions, tasks=ports.tasks
    )
    model_turns = _model_turns(ports, base, questions, Edits(changes, base.unseen))
    waiting = Waiting(TurnSlots(ports.limits.slots), WaitingMarks(ports.stage, ports.turns))
    seats = _seats(ports, _turn_runner(ports, base, model_turns), waiting)
    director = _director(ports, base, presence, seats)
    taking_up = TakingUp(ledger=ports.ledger, seats=seats, inbox=state.inbox, clock=ports.stage)
    return Rooms(
        state=state,
        hearing=base.hearing,
        decider=base.decider,
        why=base.decider.why,
        presence=presence,
        running_turns=base.running_turns,
        changes=changes,
        seats=seats,
        director=director,
        leaving=Leaving(casting=state.casting, scenes=base.running_turns, seats=seats),
        actions=_actions(ports, base),
        replies=_replies(ports, base, seats),
        taking_up=taking_up,
        catching_up=_catching_up(ports, base, director, taking_up),
        forgetting=base.forgetting,
        unread=_unread(ports),
        unseen=base.unseen,
        marks=waiting.marks,
    )


def _base(ports: RoomPorts) -> _Base:
    state, hearing, decider = ports.state, Hearing(ports.stage), _decider(ports)
    forgetting = Forgetting(
        stage=ports.stage,
        hearing=hearing,
        casting=state.casting,
        policies=state.policies,
        demeanours=state.demeanours,
        circumstances=decider.circumstances,
    )
    running_turns = RunningTurns(policies=state.policies, casting=state.casting)
    unseen = UnseenChanges(ports.stage, ports.ledger)
    return _Base(hearing, decider, running_turns, forgetting, unseen)


def _decider(ports: RoomPorts) -> Decider:
    casting, budgets = ports.state.casting, Budgets(ports.decisions)
    spending = Spending(ports.spending, ports.limits.spending, ports.tasks, clock=ports.stage)
    circumstances = Circumstances(
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
        circumstances=circumstances,
        budgets=budgets,
        spending=spending,
        why=Why(store=ports.decisions, ledger=ports.ledger),
    )


def _model_turns(
    ports: RoomPorts, base: _Base, questions: OpenQuestions, edits: Edits
) -> ModelTurns:
    recollection = Recollection(
        mind=ports.mind,
        stage=ports.stage,
        ledger=ports.ledger,
        hearing=base.hearing,
        files=ports.files,
        edits=edits,
        policies=ports.state.policies,
        offsets=ports.state.offsets,
    )
    return ModelTurns(
        mind=ports.mind,
        ledger=ports.ledger,
        hearing=base.hearing,
        recollection=recollection,
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
        hearing=base.hearing,
        running_turns=base.running_turns,
        outcomes=outcomes,
        inbox=ports.state.inbox,
        forgetting=base.forgetting,
    )


def _seats(ports: RoomPorts, turn_runner: TurnRunner, waiting: Waiting) -> Seats:
    return Seats(
        ledger=ports.ledger,
        turn_runner=turn_runner,
        casting=ports.state.casting,
        policies=ports.state.policies,
        inbox=ports.state.inbox,
        in_hand=ports.state.in_hand,
        waiting=waiting,
        tasks=ports.turns,
    )


def _director(ports: RoomPorts, base: _Base, presence: Presence, seats: Seats) -> Director:
    return Director(
        decider=base.decider,
        hearing=base.hearing,
        seats=seats,
        hints=Hints(casting=ports.state.casting, notices=Notices(ports.stage)),
        presence=presence,
        inbox=ports.state.inbox,
        offsets=ports.state.offsets,
        tasks=ports.turns,
    )


def _actions(ports: RoomPorts, base: _Base) -> Actions:
    return Actions(
        stage=ports.stage,
        port=ports.actions,
        hearing=base.hearing,
        demeanours=ports.state.demeanours,
        policy=ports.state.policies.of,
        bind=base.decider.circumstances.bind,
    )


def _replies(ports: RoomPorts, base: _Base, seats: Seats) -> Replies:
    return Replies(
        ledger=ports.ledger,
        seats=seats,
        scenes=base.running_turns,
        casting=ports.state.casting,
        spending=base.decider.spending,
        policies=ports.state.policies,
        stage=ports.stage,
    )


def _catching_up(
    ports: RoomPorts, base: _Base, director: Director, taking_up: TakingUp
) -> CatchingUp:
    return CatchingUp(
        casting=ports.state.casting,
        hearing=base.hearing,
        unseen=base.unseen,
        stage=ports.stage,
        director=director,
        taking_up=taking_up,
        forgetting=base.forgetting,
        offsets=ports.state.offsets,
    )


def _unread(ports: RoomPorts) -> UnreadMessages:
    return UnreadMessages(
        stage=ports.stage, casting=ports.state.casting, tasks=ports.tasks, gateway=ports.gateway
    )
