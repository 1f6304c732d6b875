"""The persona state of each seat: mood (with its avatar) and status.

Owns the cache: every message needs the avatar, so states are served from memory, read from the
store at start and written through.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room, Seat


@dataclass(frozen=True, slots=True)
class PersonaState:
    """A character's persona state in a room."""

    mood: str = ""
    """One of the moods in the character's file; empty for none."""
    status: str = ""
    """A line shown by `/cast`; empty for none."""


PLAIN = PersonaState()


class PersonaStateStore(Protocol):
    """Persistent persona states."""

    async def persona_states(self) -> Mapping[Seat, PersonaState]:
        """Return all persona states, without unreadable ones."""
        ...

    async def keep_persona_state(self, seat: Seat, persona_state: PersonaState) -> None:
        """Write a seat's persona state; delete the entry of a plain one."""
        ...


class PersonaStates:
    """The persona states of all seats."""

    def __init__(self, store: PersonaStateStore) -> None:
        self._store = store
        self._known: dict[Seat, PersonaState] = {}

    async def load(self) -> None:
        """Read all persona states. Idempotent."""
        self._known = dict(await self._store.persona_states())

    def of(self, seat: Seat) -> PersonaState:
        """Return the seat's current persona state."""
        return self._known.get(seat, PLAIN)

    def rooms(self) -> set[int]:
        """Return the ids of the rooms with a stored persona state."""
        return {seat.room_id for seat in self._known}

    def worn(self, room: Room, character: Character) -> Character:
        """Return the character with the avatar of its mood in the room."""
        return character.wearing(self.of(Seat(room.id, character.key)).mood)

    async def set_mood(self, seat: Seat, mood: str) -> None:
        """Set the seat's mood; empty for the character's own avatar."""
        await self._keep(seat, replace(self.of(seat), mood=mood))

    async def set_status(self, seat: Seat, status: str) -> None:
        """Set the seat's status; empty for none."""
        await self._keep(seat, replace(self.of(seat), status=status))

    async def forget(self, room_ids: Collection[int]) -> None:
        """Drop the persona states of these rooms."""
        for seat in [known for known in self._known if known.room_id in room_ids]:
            await self._keep(seat, PLAIN)

    async def _keep(self, seat: Seat, persona_state: PersonaState) -> None:
        if persona_state == self.of(seat):
            return
        await self._store.keep_persona_state(seat, persona_state)
        if persona_state == PLAIN:
            self._known.pop(seat, None)
        else:
            self._known[seat] = persona_state
