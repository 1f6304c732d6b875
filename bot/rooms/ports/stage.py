"""What rooms need from Discord: a stage, and the delivery of an answer. Protocols only."""

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
    """Delivers an answer to a room. Made by `Stage.deliver`; used by a single turn."""

    askers: frozenset[int]
    """Ids of the people who are answered. Link previews or files that Discord denies to any of
    them are left out of the answer."""

    async def opened(self) -> None:
        """Wait, for a short time at most, until the room is known to be writable.

        Raises `RoomGoneError`; every other obstacle is raised by `finish`.
        """
        ...

    def show(self, text: str) -> None:
        """Show the whole speech so far. Never blocks; a newer call may supersede an unsent one."""
        ...

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        """Make the channel show exactly `text`, in chunks; return their message ids in order.

        The text is the alternative `take` (from 0) of `of`. Chunks listed in `turn.chunks` are
        edited or kept, never sent again.
        """
        ...

    async def withdraw(self) -> None:
        """Remove everything shown so far: the turn ends without an answer."""
        ...


class Stage(Protocol):
    """Shows the words and actions of turns, and reads the history of places."""

    async def require_voice(self, room: Room) -> None:
        """Return normally if messages can be sent to the room, as far as is known.

        A known place costs no request. Raises `NotPermittedError`, `PlaceGoneError`,
        `DiscordDownError`.
        """
        ...

    def deliver(self, turn: Turn, character: Character) -> AbstractAsyncContextManager[Delivery]:
        """Open the delivery of an answer. A draft that is shown when it closes stays shown."""
        ...

    def typing(self, room: Room) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show the typing indicator until the context ends, or the function it gives is called.

        A failure is no error.
        """
        ...

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Send a short message as the bot itself, never as a character."""
        ...

    def now(self) -> datetime:
        """Return the time (aware) by Discord's clock, which dates messages, as far as is known.

        The host's own clock may be wrong by minutes, or be set while the bot runs.
        """
        ...

    def newest(self, room: Room) -> int | None:
        """Return the id of the newest known message of the place, without a request."""
        ...

    def threads(self) -> list[Room]:
        """Return the known active Discord threads, without a request."""
        ...

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        """Add a reaction to a message. Raises `NotPermittedError`, `PlaceGoneError`."""
        ...

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        """Remove the bot's own reaction. A missing reaction is no error."""
        ...

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        """Return the newest `limit` utterances between two messages (both exclusive).

        In the conversation's order. The chunks of a character's answer are joined.
        """
        ...

    async def messages(self, room: Room, *, limit: int = 100) -> Mapping[int, datetime | None]:
        """Return the ids of the newest messages of the place, of every author and type.

        Each with the time of a person's last edit; None if there is none or a bot edited it.
        """
        ...
