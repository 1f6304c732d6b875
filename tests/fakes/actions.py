"""The in-memory twin of `bot.discord_io.actions.DiscordActions`, over `MemoryStage`'s rooms."""

from __future__ import annotations

from typing import assert_never

from bot.action_refusals import REPLY_TARGET_SETTLED, WHISPER_NEEDS_SAY
from bot.domain.action_arguments import Poll
from bot.domain.actions import (
    ActionResult,
    OpenThread,
    Pin,
    Power,
    React,
    ReplyTo,
    RoomAction,
    SendFile,
    SetMood,
    SetStatus,
    StartPoll,
    Whisper,
)
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.errors import DeliveryError, PlaceGoneError, RefusedError
from bot.rooms.ports.action_port import ActionContext
from tests.fakes.stage import MemoryStage


class MemoryActions:
    """An `ActionPort`. Records performed actions in lists that tests read."""

    def __init__(self, stage: MemoryStage) -> None:
        self._stage = stage
        self.lacking: set[tuple[int | None, Power]] = set()
        """(user, power) pairs that `allows` denies; user None is the bot."""
        self.asked: list[tuple[int | None, Power]] = []
        self.begun: set[str] = set()
        """Turns whose first words are shown."""
        self.answered: dict[str, int] = {}
        self.pinned: list[int] = []
        self.threads: dict[int, Room] = {}
        self.polls: list[Poll] = []
        self.files: list[Enclosure] = []
        self.whispers_to: set[int] = set()
        """Triggers that were created by a slash command."""
        self.whispered: list[tuple[int, str]] = []
        self.statuses: list[tuple[str, str]] = []
        self.prepared: list[tuple[int, str]] = []

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        self.asked.append((user_id, power))
        if room.place is Place.DIRECT and power is Power.THREAD:
            return False
        return (user_id, power) not in self.lacking

    async def perform(self, action: RoomAction, context: ActionContext) -> ActionResult:
        turn, character, room = context.turn, context.character, context.turn.room
        match action:
            case React(emoji):
                await self._stage.react(room, context.message_id, emoji)
            case ReplyTo():
                return self._reply_to(context)
            case Pin():
                self._check(room, context.message_id)
                self.pinned.append(context.message_id)
            case OpenThread(title):
                return self._open_thread(room, context.message_id, title)
            case StartPoll(poll):
                self._stage.check(room)
                self.polls.append(poll)
                return self._put(context, action)
            case SendFile(file):
                self._stage.check(room)
                self.files.append(file)
                return self._put(context, action)
            case Whisper(text):
                if turn.trigger not in self.whispers_to:
                    raise RefusedError(WHISPER_NEEDS_SAY)
                self.whispered.append((turn.asker, text))
            case SetStatus(text):
                self.statuses.append((character.key, text))
            case SetMood():
                self.prepared.append((room.id, character.key))
            case _:
                assert_never(action)
        return ActionResult()

    def _reply_to(self, context: ActionContext) -> ActionResult:
        if context.turn.id in self.begun or context.quoted is None:
            raise RefusedError(REPLY_TARGET_SETTLED)
        self.answered[context.turn.id] = context.quoted.message_id
        return ActionResult(author=context.quoted.speaker.name)

    def _open_thread(self, room: Room, message_id: int, title: str) -> ActionResult:
        self._check(room, message_id)
        if message_id in self.threads:
            raise DeliveryError("that message has a thread already")
        made = Room(message_id, Place.THREAD, room.guild_id, room.id, title)
        self.threads[message_id] = made
        return ActionResult(thread=made)

    def _put(self, context: ActionContext, action: RoomAction) -> ActionResult:
        turn = context.turn
        message_id = self._stage.put(turn, context.character, action.posted_text)
        self._stage.posted[message_id].turn = f"{turn.id}:{message_id}"
        return ActionResult(message_id=message_id)

    def _check(self, room: Room, message_id: int) -> None:
        self._stage.check(room)
        if message_id not in self._stage.posted:
            raise PlaceGoneError("the message is gone")
