"""Decides on a message: the pure rules over what is known of its room.

Owns what a decision rests on; who is asked then is the director's, the rules are
`bot.domain.deciding`'s.
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
    """What decisions rest on, and where they are counted and kept."""

    casting: Casting
    """Who is in each room."""
    policies: Policies
    """How talkative each room is."""
    decision_inputs: DecisionInputReader
    """The decision inputs: who was addressed last, whom a place belongs to, what is left."""
    budgets: Budgets
    """What is left of the answers that characters may give one another."""
    spending: Spending
    """What people have spent of the host's limits."""
    why: Why
    """The record of decisions."""

    async def on_person(
        self, room: Room, utterance: Utterance, listening: str | None = None
    ) -> Decision:
        """Decide on what a person said. Raises `StoreError`.

        `listening`: the character that this person asked and that has not begun to answer.
        """
        policy, cast = self.policies.of(room), self.casting.cast(room)
        inputs = await self.decision_inputs.of_person(room, utterance, cast, listening)
        return decide(utterance, cast, policy, inputs)

    async def on_character(
        self, room: Room, utterance: Utterance, waiting: Iterable[str], person: int
    ) -> Decision:
        """Decide on what a character said; the characters `waiting` speak anyway.

        `person` is who started the talk. Raises `StoreError`.
        """
        cast = self.casting.cast(room)
        inputs = await self.decision_inputs.of_character(room, utterance, cast, waiting, person)
        return decide(utterance, cast, self.policies.of(room), inputs)
