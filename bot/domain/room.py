"""Rooms and the seats in them: identities, no state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """The kind of a room."""

    CHANNEL = "channel"
    THREAD = "thread"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Room:
    """A channel, Discord thread, forum post or DM."""

    id: int
    """Snowflake of the channel or Discord thread."""
    place: Place
    guild_id: int | None = None
    """Snowflake of the server; None for a DM."""
    parent_id: int | None = None
    """The channel of a Discord thread or forum post, which owns its webhook."""
    name: str = ""

    @property
    def webhook_channel(self) -> int:
        """The channel that owns the room's webhook: Discord threads have no webhooks."""
        return self.parent_id if self.parent_id is not None else self.id


@dataclass(frozen=True, slots=True)
class Seat:
    """A character in a room: the key of all state about the two."""

    room_id: int
    character: str

    def __str__(self) -> str:
        return f"{self.room_id}:{self.character}"
