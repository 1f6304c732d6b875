"""The state of the rooms, made before every part that acts on it.

The stage reads this state too: casts, avatars, and which answers may still be on their way. So
neither the stage nor any part of the rooms needs an object that is made later.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.rooms.ports.casts import Casts, Characters
from bot.rooms.ports.clock import Clock
from bot.rooms.state.access import Access
from bot.rooms.state.casting import Casting
from bot.rooms.state.in_hand import TurnsInHand
from bot.rooms.state.inbox import Inbox
from bot.rooms.state.offsets import Offsets
from bot.rooms.state.persona_states import PersonaStates, PersonaStateStore
from bot.rooms.state.policies import Policies, PolicyStore
from bot.tasks import Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePorts:
    """The stores, the clock and the settings that the state of the rooms needs."""

    casts: Casts
    """Who is in which room, and each room's committed offset."""
    policies: PolicyStore
    """The rooms' own policies."""
    persona_states: PersonaStateStore
    """The mood and the status of each seat."""
    characters: Characters
    """The characters that can be summoned."""
    clock: Clock
    """The clock that dates messages."""
    access: Access
    """Where the host allows characters."""
    turns: Tasks
    """Runs the turns and decisions of rooms; may finish when the bot shuts down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomState:
    """The state that several parts of the rooms, and the stage, read."""

    casting: Casting
    """Who is in each room."""
    policies: Policies
    """The policy of each room."""
    persona_states: PersonaStates
    """The mood and the status of each seat."""
    offsets: Offsets
    """How far each room was read and decided on."""
    inbox: Inbox
    """The messages that wait for a decision."""
    in_hand: TurnsInHand
    """The turns that were accepted and have not ended."""

    async def load(self) -> None:
        """Read the stored state, before any message is processed. Raises `StoreError`."""
        await self.policies.load()
        await self.casting.load()
        await self.persona_states.load()
        await self.offsets.load()


def state_of(ports: StatePorts) -> RoomState:
    """Make the state of the rooms, without reading any store."""
    casting = Casting(ports.casts, ports.characters, ports.access)
    offsets = Offsets(casts=ports.casts, casting=casting, clock=ports.clock)
    inbox = Inbox(casting=casting, offsets=offsets, tasks=ports.turns)
    return RoomState(
        casting=casting,
        policies=Policies(ports.policies),
        persona_states=PersonaStates(ports.persona_states),
        offsets=offsets,
        inbox=inbox,
        in_hand=TurnsInHand(inbox),
    )
