"""What rooms need of Discord: a stage, and the delivery of one answer. Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance


class Delivery(Protocol):
    """One answer on its way to a room. Made by `Stage.deliver`; used by one turn."""

    askers: frozenset[int]
    """Everybody who is answered. What Discord denies to one of them, previews of links or files,
    the answer does not bring.
    """

    async def opened(self) -> None:
        """Wait, not for long, until it is known that the room can be written to.

        Raises `RoomGoneError`; what else hinders it `finish` meets.
        """
        ...

    def show(self, text: str) -> None:
        """The whole speech so far; never blocks. May be sent, or superseded by the next one."""
        ...

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        """Bring the channel to exactly `text`, in chunks; gives their message ids in order.

        It is the take `take` (from 0) of so many. Chunks that `turn.chunks` names are edited or
        kept, never sent again.
        """
        ...

    async def withdraw(self) -> None:
        """Remove what was shown: the turn ends without an answer."""
        ...


class Stage(Protocol):
    """What a turn's words and actions reach."""

    async def require_voice(self, room: Room) -> None:
        """Return where words can be sent, as far as is known; a known place costs no request.

        Raises `NotPermittedError`, `PlaceGoneError`, `DiscordDownError`.
        """
        ...

    def deliver(self, turn: Turn, character: Character) -> AbstractAsyncContextManager[Delivery]:
        """Open the way for one answer; what was only shown when it is left stays shown."""
        ...

    def typing(self, room: Room) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show that somebody types, for as long as it is held or until what it gives is called.

        Failing to is no error.
        """
        ...

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Say something in the bot's own voice: short, and never as a character."""
        ...

    def now(self) -> datetime:
        """The time by the clock that dates messages, as far as it is known (aware).

        The host's own clock may be wrong by minutes, or be set while the bot runs.
        """
        ...

    def newest(self, room: Room) -> int | None:
        """The id of the newest message that the place is known to have; asks nobody."""
        ...

    def threads(self) -> list[Room]:
        """The active threads that are known; asks nobody."""
        ...

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        """Put a reaction under a message. Raises `NotPermittedError`, `PlaceGoneError`."""
        ...

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        """Take the bot's own reaction back; that there is none is no error."""
        ...

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        """What the place shows between two messages (both exclusive), in the talk's order.

        The newest `limit` of them. A character's chunks come as one utterance.
        """
        ...

    async def messages(self, room: Room, *, limit: int = 100) -> Mapping[int, datetime | None]:
        """The newest messages of the place, whoever wrote them and whatever they are.

        With when a person edited them last; None: never, or a bot did.
        """
        ...
