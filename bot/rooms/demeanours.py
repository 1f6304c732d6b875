"""How each character bears itself in each room: the face it wears, what it says it is doing.

Owns the cache: every message asks for the face, so it is answered from memory; the store is read
once at start and written through.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room, Seat


@dataclass(frozen=True, slots=True)
class Demeanour:
    """Its mood, one of the character's own, and a line for `/cast`. Both may be empty."""

    mood: str = ""
    status: str = ""


PLAIN = Demeanour()


class DemeanourStore(Protocol):
    """Where demeanours are kept over restarts."""

    async def demeanours(self) -> Mapping[Seat, Demeanour]:
        """All of them. Unreadable ones are left out."""
        ...

    async def keep_demeanour(self, seat: Seat, demeanour: Demeanour) -> None:
        """Write a seat's; a plain one takes no place."""
        ...


class Demeanours:
    """The demeanours of all seats of this process."""

    def __init__(self, store: DemeanourStore) -> None:
        self._store = store
        self._known: dict[Seat, Demeanour] = {}

    async def load(self) -> None:
        """Read all of them. Safe to repeat."""
        self._known = dict(await self._store.demeanours())

    def of(self, seat: Seat) -> Demeanour:
        """The seat's, as it is now."""
        return self._known.get(seat, PLAIN)

    def rooms(self) -> set[int]:
        """The rooms in which somebody bears itself in a way of its own."""
        return {seat.room_id for seat in self._known}

    def worn(self, room: Room, character: Character) -> Character:
        """The character with the face that it wears in that room."""
        return character.wearing(self.of(Seat(room.id, character.key)).mood)

    async def set_mood(self, seat: Seat, mood: str) -> None:
        """From now on it wears that face; an empty mood is its own."""
        await self._keep(seat, replace(self.of(seat), mood=mood))

    async def set_status(self, seat: Seat, status: str) -> None:
        """From now on it is said to do that; empty: nothing."""
        await self._keep(seat, replace(self.of(seat), status=status))

    async def forget(self, room_ids: Collection[int]) -> None:
        """Places are gone for good, or are to be forgotten."""
        for seat in [one for one in self._known if one.room_id in room_ids]:
            await self._keep(seat, PLAIN)

    async def _keep(self, seat: Seat, demeanour: Demeanour) -> None:
        if demeanour == self.of(seat):
            return
        await self._store.keep_demeanour(seat, demeanour)
        if demeanour == PLAIN:
            self._known.pop(seat, None)
        else:
            self._known[seat] = demeanour
