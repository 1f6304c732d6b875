"""A model that can hold little: its characters answer, whatever was said before."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.model_profile import ModelProfile
from bot.domain.tokens import estimate
from tests.fakes.mind import Play
from tests.unit.rooms.company import KAI, MIRA, Company, company


async def talk(house: Company, messages: int, length: int = 60) -> None:
    for number in range(messages):
        house.says(f"{number} " + "talk " * length)
    await house.quiet()


async def asked_once(house: Company, question: str) -> str:
    """All that the model was told for the answer to `question`, whatever was shown before."""
    notices = len(house.stage.told)
    house.says(question)
    await house.quiet()
    assert len(house.stage.told) == notices
    return "\n".join(line.text for line in house.mind.threads[house.mind.asked[-1][0]].lines[:-1])


async def asked(house: Company, question: str) -> str:
    """All that the model was told for the answer to `question`."""
    before = len(house.answers())
    told = await asked_once(house, question)
    assert len(house.answers()) == before + 1
    return told


@pytest.mark.parametrize("tells_window", [True, False])
@pytest.mark.parametrize("holds", [400, 2_048, 8_192])
async def test_a_full_thread_goes_on_in_a_new_one_within_the_same_turn(
    holds: int, tells_window: bool
) -> None:
    async with company() as house:
        await asked(house, "@Mira hello")
        house.mind.holds, house.mind.tells_window = holds, tells_window
        await talk(house, 80, length=90)
        assert "and now?" in await asked(house, "@Mira and now?")
        for number in range(30):
            assert f"so {number}?" in await asked(house, f"@Mira so {number}?" + " well" * 60)
        assert house.stage.told == []


async def test_a_question_that_is_too_long_by_itself_is_cut_until_it_fits() -> None:
    async with company() as house:
        house.mind.holds, house.mind.tells_window = 300, False
        told = await asked(house, "@Mira read this: " + "word " * 3_000 + "and what does it say?")
        assert "read this" in told
        assert told.rstrip().endswith("and what does it say?")


async def test_a_window_that_the_endpoint_told_is_kept_to_from_then_on() -> None:
    async with company(cast=(MIRA, KAI)) as house:
        house.mind.holds = 2_048
        await talk(house, 80)
        await asked(house, "@Mira hello")
        assert house.mind.profile(MIRA).window == 2_048
        tries = len(house.mind.asked)
        # Another thread of the same model fits at once.
        assert estimate(await asked(house, "@Kai hello")) <= 2_048
        assert len(house.mind.asked) == tries + 1


async def test_a_window_that_is_set_bounds_what_is_told_from_the_start() -> None:
    async with company() as house:
        house.mind.model = ModelProfile(window=4_096)
        await talk(house, 100, length=100)
        told = await asked(house, "@Mira 漢字" * 2)
        assert estimate(told) < 4_096 / 2
        assert "talk" in told


@pytest.mark.parametrize("window", [1_024, 4_096, 16_384])
async def test_a_thread_that_grows_is_begun_anew_before_it_is_full(window: int) -> None:
    async with company() as house:
        house.mind.model, house.mind.holds = ModelProfile(window=window), window
        for number in range(40):
            await asked(house, f"@Mira so {number}?" + " well" * (window // 60))
        assert len(house.mind.asked) == 40
        assert len(house.mind.threads) > 2


async def test_an_answer_that_is_longer_than_the_window_is_known_in_part() -> None:
    tale = " ".join(f"{number}-{'word' * 15}" for number in range(250))
    async with company(Play(tale), Play("Yes.")) as house:
        house.mind.model = ModelProfile(window=2_048)
        house.says("@Mira a tale")
        await house.quiet()
        told = await asked_once(house, "@Mira and then?")
        assert "0-wordword" in told
        assert "[…]" in told
        assert estimate(told) < 2_048


async def test_a_window_that_holds_no_question_at_all_is_told_in_the_end() -> None:
    async with company() as house:
        house.mind.holds, house.mind.tells_window = 1, False
        async with asyncio.timeout(10):
            house.says("@Mira hello")
            await house.quiet()
        assert house.answers() == []
        [(_, told, _)] = house.stage.told
        assert "more than the model can hold" in told
        # And nothing of it is left in the way of the next one.
        house.mind.holds = None
        await asked(house, "@Mira and now?")
