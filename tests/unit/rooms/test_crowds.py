"""More is said at once than a log keeps and a request reads: who asked is heard all the same."""

from __future__ import annotations

import asyncio

from bot.domain.room import Room
from bot.domain.utterance import Speaker, Utterance
from bot.rooms.log.message_log import ROOM_LIMIT, MessageLog
from tests.fakes.mind import Play
from tests.fakes.stage import MemoryStage
from tests.unit.rooms.company import BEN, ROOM, company, until

CROWD = 300
CY = Speaker(3, "Cy")


async def test_who_asked_while_a_crowd_spoke_is_told_to_the_character() -> None:
    held = asyncio.Event()
    async with company(Play("To Ben.", gate=held), Play("To all.")) as house:
        house.says("@Mira hello", by=BEN)
        await until(lambda: house.mind.asked)
        for number in range(CROWD):
            house.says(f"@Mira question {number}.", by=Speaker(100 + number, f"P{number}"))
            house.says("and so on", by=CY)
        await until(lambda: len(house.turn_queues.in_hand) == CROWD + 1)
        held.set()
        await house.quiet()
        told = house.mind.asked[-1][1]
        assert [n for n in range(CROWD) if f"question {n}." not in told] == []
        assert await house.memory.unfinished() == []


class SlowStage(MemoryStage):
    """While a history is read, the room goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.message_log: MessageLog | None = None

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        read = await super().history(room, after=after, before=before, limit=limit)
        assert self.message_log is not None
        for _ in range(10):
            self.message_log.hear(self.say(room, BEN, "meanwhile"))
        return read


async def test_what_leaves_the_log_while_older_talk_is_read_is_not_missing() -> None:
    stage = SlowStage()
    stage.message_log = message_log = MessageLog(stage)
    said = [stage.say(ROOM, BEN, f"line {number}") for number in range(ROOM_LIMIT + 5)]
    for one in said:
        message_log.hear(one)
    found = await message_log.since(ROOM, said[0].message_id)
    assert [one.message_id for one in found] == [one.message_id for one in said[1:]]
