"""A name without an `@`: answered where it calls, and one quiet hint where that is unsure."""

from __future__ import annotations

import pytest

from bot.domain.turn import Reason
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, KAI, MIRA, ROOM, Company, company

HINT = "-# Talking to Mira? Begin with `@Mira`, or reply to a message of theirs."


async def greeted(house: Company) -> None:
    """Mira comes in and says her greeting."""
    await house.dispatcher.greet(
        ROOM, MIRA, house.stage.say(ROOM, BEN, "/summon").message_id, BEN.id
    )
    await house.quiet()


def told(house: Company) -> list[str]:
    return [text for _, text, _ in house.stage.told]


@pytest.mark.parametrize(
    "text", ["Good evening, Mira!", "MIRA what time is it?", "mira do you know me", "thanks mira"]
)
async def test_a_name_that_is_said_to_somebody_is_answered(text: str) -> None:
    async with company(Play("Yes?"), cast=(MIRA, KAI)) as house:
        said = house.says(text)
        await house.quiet()
        assert house.answers() == ["Yes?"]
        decision = await house.why.decided(ROOM.id, said.message_id)
        assert decision is not None
        assert [(v.character, v.reason) for v in decision.speaking] == [("mira", Reason.NAMED)]


async def test_who_may_have_called_in_a_room_just_greeted_is_told_once_how_to() -> None:
    async with company() as house:
        await greeted(house)
        first = house.says("we visited Mira")
        await house.quiet()
        house.says("Mira tiedätkö kuka olen", by=BEN)
        await house.quiet()
        assert house.stage.told == [(ROOM.id, HINT, first.message_id)]
        await greeted(house)
        house.says("Mira tiedätkö kuka olen")
        await house.quiet()
        assert len(house.answers()) == 2


@pytest.mark.parametrize("text", ["Mira said yesterday that it rains", "I like Mira.", "hm"])
async def test_who_talks_about_a_character_is_told_nothing(text: str) -> None:
    async with company() as house:
        await greeted(house)
        house.says(text)
        await house.quiet()
        assert told(house) == []


async def test_in_a_room_that_nobody_came_to_lately_nothing_is_told() -> None:
    async with company() as house:
        house.says("we visited Mira")
        await house.quiet()
        assert told(house) == []


async def test_what_is_said_in_answer_to_somebody_else_calls_nobody_by_a_bare_name() -> None:
    async with company() as house:
        await greeted(house)
        other = house.stage.say(ROOM, BEN, "I am back")
        house.says("Good evening, Mira!", reply_to=other.message_id)
        await house.quiet()
        assert house.answers() == ["Come in!"]
        assert told(house) == []
