"""The demo’s scripted model behind the whole bot: what people try first, and the tools for it."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.discord.world.model import Message
from sandbox.house import House, words
from sandbox.model.demo_lines_host import HOST_LINES
from sandbox.model.demo_script import demo_script
from tests.fixtures_house import Furnish


async def answer(house: House, text: str, fits: Callable[[str], bool]) -> tuple[Message, str]:
    """What Ann said, and the answer, once it is one that fits."""
    heard = len(house.spoken())
    asked = house.say(text)
    said = await house.discord.wait_for(
        lambda _: next((words(one) for one in house.spoken()[heard:] if fits(words(one))), None), 25
    )
    return house.now(asked), said


def one_of(key: str) -> Callable[[str], bool]:
    """Whether it is a whole phrase of the host's."""
    return {phrase.format(who="Ann") for phrase in HOST_LINES[key]}.__contains__


async def test_what_people_try_first_goes_through_the_whole_bot(furnish: Furnish) -> None:
    house = await furnish(*demo_script(delay=0.0))
    await house.summon("mira")
    _, first = await answer(house, "@Mira tell me a joke", one_of("joke"))
    _, second = await answer(house, "@Mira tell me a joke", one_of("joke"))
    assert first != second

    asked, _ = await answer(house, "@Mira react to this with 🔥", one_of("react"))
    assert list(asked.reactions) == ["🔥"]
    asked, _ = await answer(house, "@Mira Guten Abend!", lambda said: "Ann" in said)
    assert list(asked.reactions) == ["👋"]
    await answer(house, "@Mira flip a coin", lambda said: _side(said) in ("heads", "tails"))
    await answer(house, "@Mira what is 12 * 7?", lambda said: "12 * 7 = 84" in said)
    await answer(house, "@Mira My key lies under the third stone.", bool)
    await answer(house, "@Mira remember it", lambda said: "third stone" in said)
    await answer(house, "@Mira what did I tell you?", lambda said: "third stone" in said)


def _side(said: str) -> str:
    """The one side of a coin that is named."""
    return " ".join(side for side in ("heads", "tails") if side in said.lower())
