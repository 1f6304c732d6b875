"""In a direct talk there is nobody else to speak to."""

from __future__ import annotations

from bot.domain.room import Place, Room
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, KAI, MIRA, Company, company

DIRECT = Room(70, Place.DIRECT, name="direct messages")


async def says(house: Company, text: str) -> None:
    house.dispatcher.hear(DIRECT, house.stage.say(DIRECT, ANN, text))
    await house.quiet()


async def test_the_only_one_there_answers_every_message() -> None:
    async with company(Play("Yes."), Play("Still yes.")) as house:
        await house.casting.summon(DIRECT, MIRA)
        await says(house, "are you there?")
        await says(house, "and now?")
        assert house.stage.texts(DIRECT.id) == ["Yes.", "Still yes."]


async def test_among_several_the_one_addressed_last_answers() -> None:
    async with company(Play("Beep."), Play("Beep beep.")) as house:
        for one in (MIRA, KAI):
            await house.casting.summon(DIRECT, one)
        await says(house, "hello?")
        assert [text for _, text, _ in house.stage.told] == [
            "Who should answer? These are here: `@Mira`, `@Kai`."
        ]
        await says(house, "@Kai hello")
        await says(house, "and now?")
        assert house.stage.texts(DIRECT.id) == ["Beep.", "Beep beep."]


async def test_with_nobody_there_a_person_is_told_how_to_bring_one() -> None:
    async with company() as house:
        await says(house, "hello?")
        assert [text for _, text, _ in house.stage.told] == [
            "Nobody is here yet. Bring someone in with `/summon`."
        ]


async def test_what_is_said_there_stays_there() -> None:
    async with company(Play("Yes."), Play("No.")) as house:
        await house.casting.summon(DIRECT, MIRA)
        await says(house, "my secret is plum")
        house.says("@Mira what is my secret?")
        await house.quiet()
        assert house.answers() == ["No."]
        thread = house.mind.threads[house.mind.asked[1][0]]
        assert "plum" not in house.mind.asked[1][1]
        assert not any("plum" in line.text for line in thread.history)
