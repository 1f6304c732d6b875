"""An answer that ended before its end: kept, and continued by its button."""

from __future__ import annotations

from sandbox.house import House, words
from sandbox.model import Rule, always, hang, incomplete, say
from tests.fixtures_house import Furnish


def labels(house: House) -> list[str]:
    """What the buttons under the newest message say."""
    rows = house.spoken()[-1].components
    return [one.get("label") or one["emoji"]["name"] for row in rows for one in row["components"]]


async def test_a_cut_answer_stays_and_is_continued_by_its_button(furnish: Furnish) -> None:
    house = await furnish(
        Rule(then=[say("Once upon a time there was"), incomplete()], times=1),
        always(say("a river.")),
    )
    await house.summon("mira")
    house.say("@Mira a story")
    told = await house.hears("Once upon a time there was […]")
    await house.discord.wait_for(lambda _: labels(house) == ["Continue"])
    await house.press(told, "Continue")
    await house.hears("Once upon a time there was a river.")
    await house.discord.wait_for(lambda _: not house.now(told).components)
    assert words(house.now(told)) == "Once upon a time there was a river."
    request = house.model.requests[-1]
    assert request.own_texts[-1] == "Once upon a time there was"  # the mark is for people
    assert "carry straight on" in request.last_user_text


async def test_a_loop_and_an_answer_without_an_end_are_ended(furnish: Furnish) -> None:
    house = await furnish(
        Rule(then=[say("Well. " + "I love you. " * 1_500)], times=1),
        Rule(then=[say("Let me see"), hang()], times=1),
        always(say("Here.")),
        settings={"CODEX_ANSWER_TIMEOUT": "2"},
    )
    await house.summon("mira")
    house.say("@Mira hello")
    await house.hears("Well. I love you. […]")
    house.say("@Mira and now?")
    await house.hears("Let me see […]")
    house.say("@Mira are you there?")
    await house.hears("Here.")
