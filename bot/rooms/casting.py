"""Who is in which room: summon, dismiss, cast. Owns the cache; a room belongs to one process.

A thread has its parent's cast until it is given one of its own, by a summons or a dismissal in it:
that starts from what it inherited. When the two are the same again, it inherits again.

Every message in every channel asks for the cast, so it is answered from memory: Redis is read
once at start and written through.
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
from bot.rooms.access import Access
from bot.rooms.ports import Casts, Characters

# More faces than this in one room drown its people (and every one costs a mind).
CAST_LIMIT = 12


class Casting:
    """The casts of all rooms of this process. Nobody is in a room that `access` refuses."""

    def __init__(self, casts: Casts, characters: Characters, access: Access | None = None) -> None:
        self._casts = casts
        self._access = access or Access()
        self._characters = characters
        self._rooms: dict[int, Room] = {}
        self._cast: dict[int, tuple[str, ...]] = {}
        self._last: dict[int, str] = {}
        self._summoners: dict[Seat, int] = {}
        # Summons and dismissals are rare, and must not overtake each other.
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read every room with a cast of its own. Safe to repeat."""
        self._last = await self._casts.addressed()
        self._summoners = await self._casts.summoners()
        for room in await self._casts.rooms():
            self._rooms[room.id] = room
            self._cast[room.id] = await self._casts.cast(room.id)

    # --- who is there -----------------------------------------------------------------------

    def rooms(self) -> tuple[Room, ...]:
        """Every room with a cast of its own; threads that inherit theirs are not among them."""
        return tuple(self._rooms.values())

    def refusal(self, room: Room) -> Message | None:
        """Why no character may be in that room, for people; None where characters may."""
        return self._access.refusal(room)

    def inherits(self, room: Room) -> bool:
        """Whether the room has its parent's cast, for lack of its own."""
        return room.parent_id is not None and room.id not in self._cast

    def has(self, room: Room) -> bool:
        """Whether anybody is there."""
        return bool(self._keys(room))

    def cast(self, room: Room) -> list[Character]:
        """The characters there. One whose file is gone is left out until it is back."""
        found = (self._characters.get(key) for key in self._keys(room))
        return [one for one in found if one is not None]

    def present(self, room: Room, key: str) -> Character | None:
        """The character of that key, if it is there and its file too."""
        return self._characters.get(key) if key in self._keys(room) else None

    def includes(self, room: Room, key: str) -> bool:
        """Whether the character of that key is in the room's cast, with a file or without."""
        return key in self._keys(room)

    def absent(self, room: Room, text: str) -> Character | None:
        """A character that `text` calls by `@Name` and that is not in the room."""
        here = self._keys(room)
        everyone = self._characters.all()
        called = [key for key in named(text, everyone, by_mark=True) if key not in here]
        return self._characters.get(called[0]) if called else None

    def missing(self, room: Room) -> list[str]:
        """Keys of those in the room whose file is gone."""
        return [key for key in self._keys(room) if self._characters.get(key) is None]

    def summonable(self, key_or_name: str) -> Character:
        """The character of that key, name or alias. Raises `RefusedError` with a near miss."""
        wanted = key_or_name.strip().casefold()
        everyone = self._characters.all()
        # A key is what the commands' lists send, and one character's alone.
        for one in sorted(everyone, key=lambda character: character.key.casefold() != wanted):
            if wanted == one.key.casefold() or wanted in (name.casefold() for name in one.names):
                return one
        known = tuple(character.name for character in everyone[:10])
        raise RefusedError(
            refusals.UnknownCharacter(known) if known else refusals.NO_CHARACTER_KNOWN
        )

    # --- who comes and goes -----------------------------------------------------------------

    def summoner(self, room: Room, key_or_name: str) -> int | None:
        """The person who summoned that character into the room, or else into its parent; None
        when that is not known.
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
        """Bring `character` into `room`. Raises `RefusedError` when it is there or it is full.

        `by` is the person who may send it away again. `at` is the snowflake of the summons: what is
        said from then on is for its ears, also when the bot dies the moment after.
        """
        if (refusal := self._access.refusal(room)) is not None:
            raise RefusedError(refusal)
        async with self._changing:
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
                await self._settle(room, (*present, character.key))
            else:
                await self._casts.add(room, character.key)
                self._set(room, (*present, character.key))

    async def dismiss(self, room: Room, key_or_name: str) -> str:
        """Send a character away and give its name; its memory stays.

        Also one whose file is gone, by its key. Raises `RefusedError` when it is not there.
        """
        wanted = key_or_name.strip()
        gone = wanted in self.missing(room)
        character = None if gone else self.summonable(wanted)
        key, name = (character.key, character.name) if character else (wanted, wanted)
        async with self._changing:
            present = self._keys(room)
            if key not in present:
                raise RefusedError(refusals.NotHere(name))
            left = tuple(one for one in present if one != key)
            if room.parent_id is not None:
                await self._settle(room, left)
            else:
                await self._casts.remove(room.id, key)
                self._set(room, left)
            if self._last.get(room.id) == key:
                self._last.pop(room.id)
            await self._forget_summoners([Seat(room.id, key)])
        return name

    async def forget(self, room_ids: Sequence[int]) -> None:
        """Places are gone for good: so are their casts."""
        async with self._changing:
            for room_id in self._cast.keys() & room_ids:
                await self._casts.inherit(room_id)
                del self._cast[room_id], self._rooms[room_id]
            gone = set(room_ids)
            await self._forget_summoners([seat for seat in self._summoners if seat.room_id in gone])
        await self.let_go(room_ids)

    async def let_go(self, room_ids: Sequence[int]) -> None:
        """Forget up to where these rooms were read, and who was addressed last there."""
        for room_id in room_ids:
            self._last.pop(room_id, None)
        await self._casts.let_go(room_ids)

    def last_addressed(self, room: Room) -> str | None:
        """The key of the character addressed last there."""
        return self._last.get(room.id)

    async def address(self, room: Room, character: str) -> None:
        """Remember who was addressed last; written only when it changed."""
        if self._last.get(room.id) != character:
            self._last[room.id] = character
            await self._casts.set_last_addressed(room.id, character)

    async def _forget_summoners(self, seats: Sequence[Seat]) -> None:
        await self._casts.drop_summoners(seats)
        for seat in seats:
            self._summoners.pop(seat, None)

    # --- own casts and inherited ones -------------------------------------------------------

    def _keys(self, room: Room) -> tuple[str, ...]:
        """The room's own cast; a thread without one has its parent's."""
        if self._access.refusal(room) is not None:
            return ()
        own = self._cast.get(room.id)
        return self._parents(room) if own is None else own

    def _parents(self, room: Room) -> tuple[str, ...]:
        return () if room.parent_id is None else self._cast.get(room.parent_id, ())

    async def _settle(self, thread: Room, there: tuple[str, ...]) -> None:
        """These are in the thread: its own cast, unless it is what its parent has."""
        if there == self._parents(thread):
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
