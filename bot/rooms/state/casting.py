"""The casts: which characters are in which room. Owns summoning, dismissing and the cache.

A Discord thread inherits its parent's cast until somebody summons or dismisses a character in it.
From then on the Discord thread has a copy, and inherits again once both casts are equal.

Every message needs the cast, so the casts are served from memory: read from Redis at start, and
written through. A room belongs to one process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot import refusals
from bot.domain.addressing import named
from bot.domain.character import Character
from bot.domain.room import Room, Seat
from bot.errors import RefusedError
from bot.message_data import Message
from bot.rooms.ports.casts import Casts, Characters
from bot.rooms.state.access import Access

# More characters would drown out the people in a room, and each needs an app-server.
CAST_LIMIT = 12


class Casting:
    """The casts of all rooms. A room that `access` refuses has an empty cast."""

    def __init__(self, casts: Casts, characters: Characters, access: Access | None = None) -> None:
        self._casts = casts
        self._access = access or Access()
        self._characters = characters
        self._rooms: dict[int, Room] = {}
        self._cast: dict[int, tuple[str, ...]] = {}
        self._last: dict[int, str] = {}
        self._summoners: dict[Seat, int] = {}
        # Summons and dismissals are rare, and must not overtake each other.
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read every room with its own cast. Idempotent."""
        self._last = await self._casts.addressed()
        self._summoners = await self._casts.summoners()
        for room in await self._casts.rooms():
            self._rooms[room.id] = room
            self._cast[room.id] = await self._casts.cast(room.id)

    # --- reading the casts ------------------------------------------------------------------

    def rooms(self) -> tuple[Room, ...]:
        """Return every room with its own cast, without Discord threads that inherit theirs."""
        return tuple(self._rooms.values())

    def refusal(self, room: Room) -> Message | None:
        """Return the reason if characters may not be in the room; None if they may."""
        return self._access.refusal(room)

    def inherits(self, room: Room) -> bool:
        """Return whether the room inherits its parent's cast."""
        return room.parent_id is not None and room.id not in self._cast

    def has(self, room: Room) -> bool:
        """Return whether any character is in the room."""
        return bool(self._keys(room))

    def cast(self, room: Room) -> list[Character]:
        """Return the characters in the room, without those whose file is currently missing."""
        found = (self._characters.get(key) for key in self._keys(room))
        return [character for character in found if character is not None]

    def known(self, key: str) -> Character | None:
        """Return the character of that key, in any room or none; None if its file is missing."""
        return self._characters.get(key)

    def present(self, room: Room, key: str) -> Character | None:
        """Return the character if it is in the room and its file exists."""
        return self._characters.get(key) if key in self._keys(room) else None

    def includes(self, room: Room, key: str) -> bool:
        """Return whether the character is in the room's cast, even if its file is missing."""
        return key in self._keys(room)

    def absent(self, room: Room, text: str) -> Character | None:
        """Return the first character that `text` calls by `@Name` but that is not in the room."""
        here = self._keys(room)
        everyone = self._characters.all()
        called = [key for key in named(text, everyone, by_mark=True) if key not in here]
        return self._characters.get(called[0]) if called else None

    def missing(self, room: Room) -> list[str]:
        """Return the keys of the characters in the room whose file is missing."""
        return [key for key in self._keys(room) if self._characters.get(key) is None]

    def summonable(self, key_or_name: str) -> Character:
        """Return the character with that key, name or alias.

        Raises `RefusedError` that lists known characters.
        """
        wanted = key_or_name.strip().casefold()
        everyone = self._characters.all()
        # Keys first: autocompletion sends them, and unlike names they are unique.
        for who in sorted(everyone, key=lambda character: character.key.casefold() != wanted):
            if wanted == who.key.casefold() or wanted in (name.casefold() for name in who.names):
                return who
        known = tuple(character.name for character in everyone[:10])
        raise RefusedError(
            refusals.UnknownCharacter(known) if known else refusals.NO_CHARACTER_KNOWN
        )

    # --- summoning and dismissing -----------------------------------------------------------

    def summoner(self, room: Room, key_or_name: str) -> int | None:
        """Return the person who summoned the character into the room, or else into its parent.

        None if unknown. Raises `RefusedError` for an unknown character.
        """
        key = key_or_name.strip()
        if key not in self._keys(room):
            key = self.summonable(key).key
        found = self._summoners.get(Seat(room.id, key))
        if found is None and room.parent_id is not None:
            found = self._summoners.get(Seat(room.parent_id, key))
        return found

    async def summon(
        self, room: Room, character: Character, *, at: int = 0, by: int | None = None
    ) -> None:
        """Bring `character` into `room`, summoned by the person `by`, who may dismiss it again.

        `at` is the summons' snowflake: the backfill reads from there, even if the bot crashes right
        after. Raises `RefusedError` when the character is already there or the room is full.
        """
        if (refusal := self._access.refusal(room)) is not None:
            raise RefusedError(refusal)
        async with self._lock:
            present = self._keys(room)
            if character.key in present:
                name = character.name
                raise RefusedError(refusals.AlreadyHere(name, f"@{name}"))
            if len(present) >= CAST_LIMIT:
                raise RefusedError(refusals.CastFull(CAST_LIMIT))
            await self._casts.mark(room.id, at)
            if by is not None:
                await self._casts.set_summoner(Seat(room.id, character.key), by)
                self._summoners[Seat(room.id, character.key)] = by
            if room.parent_id is not None:
                await self._set_thread_cast(room, (*present, character.key))
            else:
                await self._casts.add(room, character.key)
                self._set(room, (*present, character.key))

    async def dismiss(self, room: Room, key_or_name: str) -> str:
        """Dismiss a character and return its name; its memory stays.

        A character whose file is missing is dismissed by its key. Raises `RefusedError` when the
        character is not in the room.
        """
        wanted = key_or_name.strip()
        gone = wanted in self.missing(room)
        character = None if gone else self.summonable(wanted)
        key, name = (character.key, character.name) if character else (wanted, wanted)
        async with self._lock:
            present = self._keys(room)
            if key not in present:
                raise RefusedError(refusals.NotHere(name))
            left = tuple(other for other in present if other != key)
            if room.parent_id is not None:
                await self._set_thread_cast(room, left)
            else:
                await self._casts.remove(room.id, key)
                self._set(room, left)
            if self._last.get(room.id) == key:
                self._last.pop(room.id)
            await self._forget_summoners([Seat(room.id, key)])
        return name

    async def forget(self, room_ids: Sequence[int]) -> None:
        """Drop the casts of deleted rooms."""
        async with self._lock:
            for room_id in self._cast.keys() & room_ids:
                await self._casts.inherit(room_id)
                del self._cast[room_id], self._rooms[room_id]
            gone = set(room_ids)
            await self._forget_summoners([seat for seat in self._summoners if seat.room_id in gone])
        await self.let_go(room_ids)

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Forget the rooms' committed offsets and last addressed characters."""
        for room_id in room_ids:
            self._last.pop(room_id, None)
        await self._casts.let_go(room_ids)

    def last_addressed(self, room: Room) -> str | None:
        """Return the key of the character addressed last in the room."""
        return self._last.get(room.id)

    async def address(self, room: Room, character: str) -> None:
        """Remember the character addressed last; write only a change."""
        if self._last.get(room.id) != character:
            self._last[room.id] = character
            await self._casts.set_last_addressed(room.id, character)

    async def _forget_summoners(self, seats: Sequence[Seat]) -> None:
        await self._casts.drop_summoners(seats)
        for seat in seats:
            self._summoners.pop(seat, None)

    # --- own casts and inherited ones -------------------------------------------------------

    def _keys(self, room: Room) -> tuple[str, ...]:
        """Return the room's own or inherited cast, as keys."""
        if self._access.refusal(room) is not None:
            return ()
        own = self._cast.get(room.id)
        return self._parent_cast(room) if own is None else own

    def _parent_cast(self, room: Room) -> tuple[str, ...]:
        return () if room.parent_id is None else self._cast.get(room.parent_id, ())

    async def _set_thread_cast(self, thread: Room, there: tuple[str, ...]) -> None:
        """Set the Discord thread's cast; let it inherit if `there` equals the parent's cast."""
        if there == self._parent_cast(thread):
            await self._casts.inherit(thread.id)
            self._cast.pop(thread.id, None)
            self._rooms.pop(thread.id, None)
        else:
            await self._casts.own(thread, there)
            self._cast[thread.id], self._rooms[thread.id] = there, thread

    def _set(self, room: Room, there: tuple[str, ...]) -> None:
        if there:
            self._cast[room.id], self._rooms[room.id] = there, room
        else:
            self._cast.pop(room.id, None)
            self._rooms.pop(room.id, None)
