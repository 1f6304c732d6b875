"""What rooms need to know of the characters and of who is in which room. Protocols only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room, Seat


class Casts(Protocol):
    """Who is in which room, and where each room was read up to."""

    async def cast(self, room_id: int) -> tuple[str, ...]:
        """Keys of the characters in the room, in the order they came."""
        ...

    async def add(self, room: Room, character: str) -> bool:
        """Bring a character in; False when it was there."""
        ...

    async def remove(self, room_id: int, character: str) -> bool:
        """Send it away; False when it was not there. Its session stays."""
        ...

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        """A thread's own cast is these, in this order; nobody is a cast of its own as well."""
        ...

    async def inherit(self, room_id: int) -> None:
        """The room has no cast of its own any more. Its mark stays."""
        ...

    async def rooms(self) -> list[Room]:
        """Every room with a cast of its own."""
        ...

    async def addressed(self) -> dict[int, str]:
        """Room id → the character addressed last there, for mentions of the bot."""
        ...

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        """Remember it."""
        ...

    async def summoners(self) -> dict[Seat, int]:
        """Seat → the person who summoned that character into that room."""
        ...

    async def set_summoner(self, seat: Seat, person: int) -> None:
        """Remember it."""
        ...

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        """Forget who summoned these. Safe to repeat."""
        ...

    async def mark(self, room_id: int, message_id: int) -> None:
        """The room was read up to this message. An older one than before changes nothing."""
        ...

    async def marks(self) -> dict[int, int]:
        """Room id → the newest message that was taken in."""
        ...

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Forget the marks of these rooms, and who was addressed last there."""
        ...


class Characters(Protocol):
    """The characters that can be summoned."""

    def get(self, key: str) -> Character | None:
        """By key."""
        ...

    def all(self) -> tuple[Character, ...]:
        """Every character, by name."""
        ...
