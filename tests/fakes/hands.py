"""The twin in memory of `bot.discord_io.deeds.DiscordHands`, over `MemoryStage`'s rooms."""

from __future__ import annotations

from bot.domain.actions import Poll, Power
from bot.domain.character import Character
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance
from bot.errors import DeliveryError, PlaceGoneError, RefusedError
from tests.fakes.stage import MemoryStage


class MemoryHands:
    """`lacking` are (user, power) that somebody has not; user None is the bot.

    `whispers_to` are the triggers that a command made; what was done is for tests to read.
    """

    def __init__(self, stage: MemoryStage) -> None:
        self._stage = stage
        self.lacking: set[tuple[int | None, Power]] = set()
        self.asked: list[tuple[int | None, Power]] = []
        self.begun: set[str] = set()
        self.answered: dict[str, int] = {}
        self.pinned: list[int] = []
        self.threads: dict[int, Room] = {}
        self.polls: list[Poll] = []
        self.files: list[Enclosure] = []
        self.whispers_to: set[int] = set()
        self.whispered: list[tuple[int, str]] = []
        self.statuses: list[tuple[str, str]] = []

    async def allows(self, room: Room, power: Power, *, user_id: int | None = None) -> bool:
        self.asked.append((user_id, power))
        if room.place is Place.DIRECT and power is Power.THREAD:
            return False
        return (user_id, power) not in self.lacking

    def answer(self, turn: Turn, said: Utterance) -> bool:
        if turn.id in self.begun:
            return False
        self.answered[turn.id] = said.message_id
        return True

    async def pin(self, room: Room, message_id: int) -> None:
        self._check(room, message_id)
        self.pinned.append(message_id)

    async def open_thread(self, room: Room, message_id: int, name: str) -> Room:
        self._check(room, message_id)
        if message_id in self.threads:
            raise DeliveryError("that message has a thread already")
        made = Room(message_id, Place.THREAD, room.guild_id, room.id, name)
        self.threads[message_id] = made
        return made

    async def poll(self, turn: Turn, character: Character, poll: Poll) -> int:
        self._stage.check(turn.room)
        self.polls.append(poll)
        return self._put(turn, character, str(poll))

    async def send_file(self, turn: Turn, character: Character, file: Enclosure) -> int:
        self._stage.check(turn.room)
        self.files.append(file)
        return self._put(turn, character, "")

    async def whisper(self, turn: Turn, character: Character, text: str) -> None:
        if turn.trigger not in self.whispers_to:
            raise RefusedError("Nobody can be whispered to now.")
        self.whispered.append((turn.asker, text))

    async def show_status(self, room: Room, character: Character, text: str) -> None:
        self.statuses.append((character.key, text))

    def _put(self, turn: Turn, character: Character, text: str) -> int:
        message_id = self._stage.put(turn, character, text)
        self._stage.posted[message_id].turn = f"{turn.id}:{message_id}"
        return message_id

    def _check(self, room: Room, message_id: int) -> None:
        self._stage.check(room)
        if message_id not in self._stage.posted:
            raise PlaceGoneError("the message is gone")
