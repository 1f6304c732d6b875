"""Without the Message Content Intent, a room is told once that nobody can be heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.domain.character import Character
from bot.domain.room import Place, Room
from bot.domain.utterance import Speaker, SpeakerKind, Utterance
from bot.messages import failures
from bot.messages.rendering import render
from bot.rooms.dispatch.unread import UnreadMessages
from bot.rooms.state.casting import Casting
from bot.tasks import Tasks
from tests.fakes.casts import MemoryCasts
from tests.fakes.stage import MemoryStage
from tests.unit.rooms.company import Bookshelf

ROOM = Room(5, Place.CHANNEL, 7)
MIRA = Character("mira", "Mira", "x")
BLANK = Utterance(9, 5, Speaker(1, "Ann"), "", datetime.now(UTC))


@dataclass(frozen=True)
class Line:
    """A `Gateway`."""

    reads_messages: bool


async def told(*heard: tuple[Room, Utterance], reads: bool = False) -> list[tuple[int, str]]:
    stage, casting = MemoryStage(), Casting(MemoryCasts(), Bookshelf(MIRA))
    for room in (ROOM, Room(6, Place.CHANNEL, 7), Room(7, Place.DIRECT, None)):
        await casting.summon(room, MIRA)
    async with Tasks("test") as tasks:
        unread = UnreadMessages(stage=stage, casting=casting, tasks=tasks, gateway=Line(reads))
        for room, utterance in heard:
            unread.heard(room, utterance)
        await tasks.join(5)
    return [(room_id, text) for room_id, text, _ in stage.told]


async def test_the_first_message_that_cannot_be_read_is_answered_once_a_room() -> None:
    other = (Room(6, Place.CHANNEL, 7), replace(BLANK, room_id=6))
    assert await told((ROOM, BLANK), (ROOM, BLANK), other) == [
        (5, render(failures.UNREAD)),
        (6, render(failures.UNREAD)),
    ]


@pytest.mark.parametrize(
    ("room", "utterance"),
    [
        (ROOM, replace(BLANK, text="hello")),
        (ROOM, replace(BLANK, mentions_bot=True)),
        (ROOM, replace(BLANK, speaker=Speaker(2, "Bot", SpeakerKind.BOT))),
        (Room(7, Place.DIRECT, None), BLANK),
        (Room(99, Place.CHANNEL, 7), BLANK),
    ],
    ids=["read", "mention", "bot", "direct", "nobody-here"],
)
async def test_nothing_is_said_where_nothing_is_missed(room: Room, utterance: Utterance) -> None:
    assert await told((room, utterance)) == []


async def test_nothing_is_said_with_the_intent() -> None:
    assert await told((ROOM, BLANK), reads=True) == []
