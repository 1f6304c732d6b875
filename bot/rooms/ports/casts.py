"""The ports for characters, for the casts of rooms and for committed offsets. Protocols only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room, Seat


class Casts(Protocol):
    """The stored casts, last addressed characters, summoners and committed offsets of rooms."""

    async def cast(self, room_id: int) -> tuple[str, ...]:
        """Return the keys of the characters in the room, in the order of their arrival."""
        ...

    async def add(self, room: Room, character: str) -> bool:
        """Add a character to the room; return False if it was present."""
        ...

    async def remove(self, room_id: int, character: str) -> bool:
        """Remove a character from the room; return False if it was absent. Its session stays."""
        ...

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        """Give a Discord thread its own cast, in this order; the cast may be empty."""
        ...

    async def inherit(self, room_id: int) -> None:
        """Delete the room's own cast: it inherits again. Its committed offset stays."""
        ...

    async def rooms(self) -> list[Room]:
        """Return every room with its own cast."""
        ...

    async def addressed(self) -> dict[int, str]:
        """Return room id → key of the character addressed last, for mentions of the bot."""
        ...

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        """Write the key of the character addressed last in the room."""
        ...

    async def summoners(self) -> dict[Seat, int]:
        """Return seat → id of the person who summoned the character into the room."""
        ...

    async def set_summoner(self, seat: Seat, person: int) -> None:
        """Write the person who summoned the character into the room."""
        ...

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        """Delete the summoners of these seats. Idempotent."""
        ...

    async def mark(self, room_id: int, message_id: int) -> None:
        """Commit the room's offset: read up to this message. An older message changes nothing."""
        ...

    async def marks(self) -> dict[int, int]:
        """Return room id → committed offset: the newest message that was processed."""
        ...

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Delete the committed offsets and the last addressed characters of these rooms."""
        ...


class Characters(Protocol):
    """The characters that can be summoned."""

    def get(self, key: str) -> Character | None:
        """Return the character of that key; None if there is none."""
        ...

    def all(self) -> tuple[Character, ...]:
        """Return every character, sorted by name."""
        ...
