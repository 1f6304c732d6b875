"""The in-memory twins of `bot.store.policies` and `bot.store.decisions`."""

from __future__ import annotations

from collections import defaultdict

from bot.domain.budget import Budget
from bot.domain.decision import Decision
from bot.domain.policy import Policy
from bot.domain.room import Room
from bot.rooms.decisions.why import KEPT
from bot.rooms.state.policies import Policies


class MemoryPolicies:
    """A `PolicyStore` and a `BindingStore`."""

    def __init__(self) -> None:
        self._policies: dict[int, Policy] = {}
        self._bound: dict[int, str] = {}

    async def policies(self) -> dict[int, Policy]:
        return dict(self._policies)

    async def keep_policy(self, room_id: int, policy: Policy) -> None:
        self._policies[room_id] = policy

    async def drop_policy(self, room_id: int) -> None:
        self._policies.pop(room_id, None)

    async def binding(self, room_id: int) -> str | None:
        return self._bound.get(room_id)

    async def bind(self, room_id: int, character: str) -> None:
        self._bound[room_id] = character


class SamePolicy(Policies):
    """`Policies` with the same policy in every room."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(MemoryPolicies())
        self._same = policy

    def of(self, room: Room) -> Policy:
        return self._same


class MemoryDecisions:
    """A `DecisionStore` and a `BudgetStore`."""

    def __init__(self) -> None:
        self._decisions: defaultdict[int, list[Decision]] = defaultdict(list)
        self._budgets: dict[int, Budget] = {}

    async def decisions(self, room_id: int) -> list[Decision]:
        return list(self._decisions[room_id])

    async def keep_decision(self, decision: Decision) -> None:
        kept = self._decisions[decision.room_id]
        kept.insert(0, decision)
        del kept[KEPT:]

    async def budget(self, room_id: int) -> Budget | None:
        return self._budgets.get(room_id)

    async def keep_budget(self, room_id: int, budget: Budget) -> None:
        self._budgets[room_id] = budget
