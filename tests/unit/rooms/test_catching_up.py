"""What was said while the bot was away."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.room import Place, Room
from bot.rooms.catching_up import TOO_OLD, CatchingUp
from tests.fakes.casts import MemoryCasts
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, ROOM, Company, company


async def catching_up(house: Company, casts: MemoryCasts) -> CatchingUp:
    catching = CatchingUp(
        casting=house.casting,
        casts=casts,
        hearing=house.hearing,
        stage=house.stage,
        director=house.director,
    )
    await catching.load()
    house.has_gap = catching.has_gap
    return catching


async def test_what_was_missed_is_answered_and_what_was_seen_is_not() -> None:
    async with company(Play("To the second.")) as house:
        casts = MemoryCasts()
        seen = house.stage.say(ROOM, ANN, "@Mira the first")
        await casts.mark(ROOM.id, seen.message_id)
        house.stage.say(ROOM, ANN, "@Mira the second")
        await (await catching_up(house, casts)).read()
        await house.quiet()
        assert house.answers() == ["To the second."]
        assert "the first" not in house.mind.asked[0][1]


async def test_reading_twice_answers_once() -> None:
    async with company(Play("Once.")) as house:
        casts = MemoryCasts()
        await casts.mark(ROOM.id, 1)
        house.stage.say(ROOM, ANN, "@Mira hello")
        catching = await catching_up(house, casts)
        await catching.read()
        await house.quiet()
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Once."]


async def test_old_talk_is_left_alone() -> None:
    async with company() as house:
        casts = MemoryCasts()
        await casts.mark(ROOM.id, 1)
        said = house.stage.say(ROOM, ANN, "@Mira hello")
        house.stage.posted[said.message_id].at = datetime.now(UTC) - 2 * TOO_OLD
        await (await catching_up(house, casts)).read()
        await house.quiet()
        assert house.mind.asked == []


async def test_a_mark_moves_forward_only_and_only_where_somebody_is() -> None:
    async with company() as house:
        casts = MemoryCasts()
        catching = await catching_up(house, casts)
        await catching.read()
        catching.decided(ROOM, 20)
        catching.decided(ROOM, 10)
        catching.decided(Room(555, Place.CHANNEL, 99), 30)
        await catching.write()
        assert await casts.marks() == {ROOM.id: 20}


async def test_what_is_said_after_a_gap_does_not_hide_it() -> None:
    async with company(Play("Not lost.")) as house:
        casts = MemoryCasts()
        await casts.mark(ROOM.id, 1)
        catching = await catching_up(house, casts)
        house.stage.say(ROOM, ANN, "@Mira in the gap")
        house.says("just talk")
        await house.quiet()
        assert house.decided == []
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Not lost."]
        assert house.decided == sorted(house.decided)
        assert len(house.decided) == 2


async def test_a_lost_connection_holds_the_marks_until_it_is_resumed() -> None:
    async with company() as house:
        casts = MemoryCasts()
        await casts.mark(ROOM.id, 10)
        catching = await catching_up(house, casts)
        await catching.read()
        catching.lost_touch()
        catching.decided(ROOM, 20)
        await catching.write()
        assert await casts.marks() == {ROOM.id: 10}
        catching.resumed()
        await catching.write()
        assert await casts.marks() == {ROOM.id: 20}
