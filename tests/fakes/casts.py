"""The in-memory twin of `bot.store.casts.RedisCasts`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.room import Room, Seat


class MemoryCasts:
    """A `Casts`, with the committed offsets."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._casts: dict[int, list[str]] = {}
        self._last: dict[int, str] = {}
        self._marks: dict[int, int] = {}
        self._summoners: dict[Seat, int] = {}

    async def cast(self, room_id: int) -> tuple[str, ...]:
        return tuple(self._casts.get(room_id, ()))

    async def add(self, room: Room, character: str) -> bool:
        self._rooms[room.id] = room
        there = self._casts.setdefault(room.id, [])
        if character in there:
            return False
        there.append(character)
        return True

    async def remove(self, room_id: int, character: str) -> bool:
        there = self._casts.get(room_id, [])
        gone = character in there
        if gone:
            there.remove(character)
        if self._last.get(room_id) == character:
            del self._last[room_id]
        if not there:
            for kept in (self._casts, self._rooms, self._marks):
                kept.pop(room_id, None)
        return gone

    async def own(self, room: Room, characters: Sequence[str]) -> None:
        self._rooms[room.id] = room
        self._casts[room.id] = list(characters)

    async def inherit(self, room_id: int) -> None:
        self._rooms.pop(room_id, None)
        self._casts.pop(room_id, None)

    async def rooms(self) -> list[Room]:
        return sorted(self._rooms.values(), key=lambda room: room.id)

    async def addressed(self) -> dict[int, str]:
        return dict(self._last)

    async def set_last_addressed(self, room_id: int, character: str) -> None:
        self._last[room_id] = character

    async def summoners(self) -> dict[Seat, int]:
        return dict(self._summoners)

    async def set_summoner(self, seat: Seat, person: int) -> None:
        self._summoners[seat] = person

    async def drop_summoners(self, seats: Sequence[Seat]) -> None:
        for seat in seats:
            self._summoners.pop(seat, None)

    async def mark(self, room_id: int, message_id: int) -> None:
        self._marks[room_id] = max(message_id, self._marks.get(room_id, 0))

    async def marks(self) -> dict[int, int]:
        return dict(self._marks)

    async def let_go(self, room_ids: Sequence[int]) -> None:
        for room_id in room_ids:
            self._marks.pop(room_id, None)
            self._last.pop(room_id, None)
