"""Where people talk: rooms, and seats in them. Owns identity, no state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What kind of place a room is."""

    CHANNEL = "channel"
    THREAD = "thread"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Room:
    """A channel, thread, forum post or DM. `id` is its snowflake.

    `parent_id` is set for threads and forum posts: the channel whose webhook speaks there.
    """

    id: int
    place: Place
    guild_id: int | None = None
    parent_id: int | None = None
    name: str = ""

    @property
    def webhook_channel(self) -> int:
        """The channel that owns the webhook: threads have none of their own."""
        return self.parent_id if self.parent_id is not None else self.id


@dataclass(frozen=True, slots=True)
class Seat:
    """A character in a room: the key of whatever has state."""

    room_id: int
    character: str

    def __str__(self) -> str:
        return f"{self.room_id}:{self.character}"
