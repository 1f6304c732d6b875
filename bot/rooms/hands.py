"""What characters' actions reach on Discord: a port, no logic.

`bot.discord_io.deeds` is the real part, `tests/fakes/hands.py` its twin; both are held to one
contract. Whether an action may be taken was asked before (`bot.rooms.permits`).
"""

from __future__ import annotations

from typing import Protocol

from bot.domain.actions import Poll, Power
from bot.domain.character import Character
from bot.domain.enclosing import Enclosure
from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance


class Hands(Protocol):
    """Each may raise `NotPermittedError`, `PlaceGoneError`, `DiscordDownError`."""

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        """Whether that person has that power in that very place; without a person, the bot."""
        ...

    def answer(self, turn: Turn, said: Utterance) -> bool:
        """The line above the turn's words will say that they answer this message.

        False when words are shown already: the line is settled then.
        """
        ...

    async def pin(self, room: Room, message_id: int) -> None:
        """Pin the message; that it is pinned already is no error."""
        ...

    async def open_thread(self, room: Room, message_id: int, name: str) -> Room:
        """Open a public thread at the message. `DeliveryError` when it has one."""
        ...

    async def poll(self, turn: Turn, character: Character, poll: Poll) -> int:
        """Put a poll to the turn's room, under the character's name; gives the message."""
        ...

    async def send_file(self, turn: Turn, character: Character, file: Enclosure) -> int:
        """Send a file to the turn's room, under the character's name; gives the message."""
        ...

    async def whisper(self, turn: Turn, character: Character, text: str) -> None:
        """Say it to the asker alone. `RefusedError` unless a command started the turn just now."""
        ...

    async def show_status(self, room: Room, character: Character, text: str) -> None:
        """Show it as the bot's own, where nobody reads it who may not. Failing to is no error."""
        ...
