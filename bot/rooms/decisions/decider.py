"""Decides on a message: applies the pure rules of `bot.domain.deciding` to the room's state.

Owns no rule and no consequence: the dispatcher starts the turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.deciding import decide
from bot.domain.decision import Decision
from bot.domain.room import Room
from bot.domain.utterance import Utterance
from bot.rooms.decisions.budgets import Budgets
from bot.rooms.decisions.decision_inputs import DecisionInputReader
from bot.rooms.decisions.spending import Spending
from bot.rooms.decisions.why import Why
from bot.rooms.state.casting import Casting
from bot.rooms.state.policies import Policies


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides, and holds the parts that decisions read and are recorded in."""

    casting: Casting
    """Who is in each room."""
    policies: Policies
    """How talkative each room is."""
    decision_inputs: DecisionInputReader
    """Reads who was addressed last, which character a place belongs to, and what limits allow."""
    budgets: Budgets
    """How many more answers characters may give one another in each room."""
    spending: Spending
    """How much people have used of the host's spending limits."""
    why: Why
    """The record of decisions."""

    async def on_person(
        self, room: Room, utterance: Utterance, listening: str | None = None
    ) -> Decision:
        """Decide on a person's message. Raises `StoreError`.

        `listening` is a character that this person asked and that has not started to answer.
        """
        policy, cast = self.policies.of(room), self.casting.cast(room)
        inputs = await self.decision_inputs.of_person(room, utterance, cast, listening)
        return decide(utterance, cast, policy, inputs)

    async def on_character(
        self, room: Room, utterance: Utterance, waiting: Iterable[str], person: int
    ) -> Decision:
        """Decide on a character's message. Raises `StoreError`.

        The characters `waiting` already have a turn coming. `person` started the conversation.
        """
        cast = self.casting.cast(room)
        inputs = await self.decision_inputs.of_character(room, utterance, cast, waiting, person)
        return decide(utterance, cast, self.policies.of(room), inputs)
