"""Plays a conversation in a room of the whole bot, and records every turn."""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from sandbox.discord.world.model import Channel, Message, User
from sandbox.house import House, words
from trials.judge import Cast, Fault, judge
from trials.recorder import Exchange, Recorder
from trials.talk import Conversation, Extra, Line, flood

TURN_WITHIN = 180.0
"""Seconds; a small machine reads a full window slowly."""
_LOOK_EVERY = 0.1
_QUIET = 6
"""Consecutive idle polls before a room counts as quiet: the next character may still begin."""
_CLOSING_TRIES = 3
_FULL = re.compile(
    r"exceed.{0,40}context|context.{0,20}(?:length|size|window)", re.IGNORECASE | re.DOTALL
)


@dataclass(slots=True)
class Turn:
    """A question to a character, and everything the room showed until it was quiet again."""

    question: str
    character: str
    said_at: float
    exchanges: list[Exchange] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """The asked character's messages, as they were at the end."""
    told: list[str] = field(default_factory=list)
    """The bot's own notices."""
    faults: list[Fault] = field(default_factory=list)
    """Faults in the messages that the room showed."""
    copied: list[Fault] = field(default_factory=list)
    """Faults in the model's raw answers, before the bot's filter."""
    shown_at: float | None = None
    """When the asked character's first words arrived."""
    first_words: str = ""
    """The text of the bot's first send."""
    settled: bool = True
    """Whether the room became quiet in time."""

    @property
    def answered(self) -> bool:
        """Whether the asked character said anything."""
        return any(text.strip() for text in self.shown)

    @property
    def overflows(self) -> int:
        """Number of requests that the endpoint refused because its context was full."""
        return sum(1 for exchange in self.exchanges if _FULL.search(exchange.failure))

    @property
    def over_engine(self) -> float | None:
        """Seconds until the first words, minus the engine's time to write them.

        The bot's first send waits for a complete sentence, whose time is the engine's. None if the
        model was asked more than once, or nothing was shown.
        """
        if self.shown_at is None or len(self.exchanges) != 1:
            return None
        (exchange,) = self.exchanges
        written_at = exchange.reached(len(self.first_words.strip()))
        if written_at is None:
            return None
        return self.shown_at - self.said_at - (written_at - exchange.asked_at)


@dataclass(slots=True)
class Played:
    """A played conversation."""

    title: str
    turns: list[Turn]
    dead: list[str]
    """Keys of the characters that did not answer the closing question."""


class Player:
    """Plays conversations in `house`, whose bot asks the model through `recorder`.

    `unfinished` returns the turns that the bot has not ended.
    """

    def __init__(
        self, house: House, recorder: Recorder, unfinished: Callable[[], Awaitable[list[str]]]
    ) -> None:
        self._house = house
        self._recorder = recorder
        self._unfinished = unfinished
        self._people: dict[str, User] = {}

    async def play(self, conversation: Conversation) -> Played:
        """Play all lines in a new channel, then ask each character the closing question."""
        room = await self._furnish(conversation)
        turns: list[Turn] = []
        for line in conversation.lines:
            turns += await self._say(line, conversation, room)
        dead = []
        for to, key in enumerate(conversation.characters):
            for _ in range(_CLOSING_TRIES):
                turns += await self._say(Line(0, conversation.closing, to=to), conversation, room)
                if turns[-1].answered:
                    break
            else:
                dead.append(key)
        return Played(conversation.title, turns, dead)

    async def _furnish(self, conversation: Conversation) -> Channel:
        house = self._house
        room = house.world.add_channel(house.guild, conversation.title.replace(" ", "-"))
        for display in conversation.people:
            if display not in self._people:
                person = house.world.add_user(f"person{len(self._people)}", display=display)
                house.world.add_member(house.guild, person)
                self._people[display] = person
        for key in conversation.characters:
            await house.summon(key, room)
        return room

    async def _say(self, line: Line, conversation: Conversation, room: Channel) -> list[Turn]:
        person = self._people[conversation.people[line.who]]
        text = flood(line.text) if line.extra is Extra.FLOOD else line.text
        if line.to is None:
            self._send(line, text, room, person)
            return []
        name = conversation.characters[line.to].title()
        ask = f"@{name} {text}"
        turn = await self._turn(ask, name, room, lambda: self._send(line, ask, room, person))
        last = self._last(name, room)
        if line.extra is not Extra.REGENERATE or last is None:
            return [turn]

        async def regenerate() -> None:
            await self._house.menu("Regenerate", last, by=person)

        return [turn, await self._turn(f"Regenerate: {ask}", name, room, regenerate)]

    def _send(self, line: Line, text: str, room: Channel, person: User) -> None:
        if line.extra is Extra.PICTURE:
            self._house.upload("map.png", _picture(), text, room, by=person)
        else:
            self._house.say(text, room, by=person)

    async def _turn(
        self, question: str, name: str, room: Channel, begin: Callable[[], Awaitable[None] | None]
    ) -> Turn:
        record = self._house.discord.record
        asked_before, written_before = len(self._recorder.exchanges), len(record.writes)
        turn = Turn(question, name, time.monotonic())
        begun = begin()
        if begun is not None:
            await begun
        turn.settled = await self._settled()
        turn.exchanges = self._recorder.exchanges[asked_before:]
        raw = [exchange.text for exchange in turn.exchanges]
        known: dict[tuple[int, str], Fault] = {}
        for write in record.writes[written_before:]:
            message = write.message
            if write.kind == "delete" or message.channel_id != room.id:
                continue
            speaker = self._speaker(message)
            if speaker == name and turn.shown_at is None:
                turn.shown_at, turn.first_words = write.at, words(message)
            if speaker is not None:
                # Count a kind of fault once per message, however often the message was edited.
                for fault in judge(shown(message), raw, self._cast(speaker)):
                    known.setdefault((message.id, fault.kind), fault)
        turn.faults = list(known.values())
        cast = self._cast(name)
        turn.copied = [fault for text in raw for fault in judge(text, [text], cast)]
        changed = {write.message.id for write in record.writes[written_before:]}
        for message in room.messages.values():
            if message.id in changed and self._speaker(message) == name:
                turn.shown.append(shown(message))
            elif message.id in changed and self._is_bot(message):
                turn.told.append(message.content)
        return turn

    async def _settled(self) -> bool:
        quiet, deadline = 0, time.monotonic() + TURN_WITHIN
        while quiet < _QUIET:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_EVERY)
            busy = self._recorder.busy or await self._unfinished()
            quiet = 0 if busy else quiet + 1
        return True

    def _speaker(self, message: Message) -> str | None:
        if message.webhook_id in (None, self._house.application.id):
            return None
        return message.author.username

    def _is_bot(self, message: Message) -> bool:
        return message.webhook_id is None and message.author.id == self._house.application.user.id

    def _last(self, name: str, room: Channel) -> Message | None:
        said = [message for message in room.messages.values() if self._speaker(message) == name]
        return said[-1] if said else None

    def _cast(self, speaker: str) -> Cast:
        characters = {"Mira", "Rask", "Tally"} - {speaker}
        return Cast(speaker, (*self._people, "Ann", "Ben", *sorted(characters)))


def shown(message: Message) -> str:
    """Return a message's visible text, including text that is attached as a file."""
    files = [file.data.decode("utf-8", "replace") for file in message.attachments]
    return "\n".join([words(message), *files])


def faults(played: Sequence[Played]) -> list[tuple[str, Turn, Fault]]:
    """Return every fault with the title of its conversation and its turn."""
    return [
        (conversation.title, turn, fault)
        for conversation in played
        for turn in conversation.turns
        for fault in turn.faults
    ]


def _picture() -> bytes:
    picture = Image.new("RGB", (96, 64), "white")
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((8, 8, 40, 56), outline="black", fill="tan")
    drawing.line((40, 32, 88, 32), fill="blue", width=4)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
