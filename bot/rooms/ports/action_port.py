"""The port through which characters' actions reach Discord. No logic.

`bot.discord_io.actions` is the real part, `tests/fakes/actions.py` its twin; a contract suite runs
against both. `bot.rooms.actions.permission_checks` has allowed an action before it comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.actions import ActionResult, Power, RoomAction
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The turn in which an action is taken."""

    turn: Turn
    character: Character
    quoted: Utterance | None = None
    """The message that the action quotes; None where it quotes nothing."""

    @property
    def message_id(self) -> int:
        """The quoted message; without a quote, the message that the turn answers."""
        return self.turn.trigger if self.quoted is None else self.quoted.message_id


class ActionPort(Protocol):
    """Asks for permissions and performs actions in Discord.

    Both methods may raise `NotPermittedError`, `PlaceGoneError` or `DiscordDownError`.
    """

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        """Return whether the person has the permission in exactly this room.

        `user_id` None means the bot.
        """
        ...

    async def perform(self, action: RoomAction, context: ActionContext) -> ActionResult:
        """Carry the action out in the turn's room.

        Raises `RefusedError` for a reply target chosen after the first words are shown, and for a
        whisper unless a command started the turn less than 15 minutes ago; `DeliveryError` for a
        second Discord thread at one message. Pinning a pinned message and a status that cannot be
        shown are no errors.
        """
        ...
