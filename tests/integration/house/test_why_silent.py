"""*Why this reply?* and `/room why` say something true of what nobody answered."""

from __future__ import annotations

from sandbox.discord.world.interaction import Interaction
from sandbox.house import House
from sandbox.model import always, say
from tests.fixtures_house import Furnish

MENU = "Why this reply?"


async def said(house: House, answer: Interaction) -> str:
    """What only whoever asked is told, once it is there: a menu's answer takes its time."""

    def there(_: object) -> str:
        return "" if answer.original is None else answer.original.content

    text = await house.discord.wait_for(there)
    assert answer.original is not None
    assert answer.original.only_for == answer.user.id
    return text


async def test_why_a_message_was_not_answered_is_told(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    early = house.say("good morning")
    empty = await house.menu(MENU, early)
    assert (
        await said(house, empty)
        == "Nobody is here, so nobody answers. Bring someone in with `/summon`."
    )
    assert await said(house, await house.command("room why")) == await said(house, empty)
    await house.summon("mira")
    assert "I decided on nothing here" in await said(house, await house.command("room why"))
    assert "nobody was here when it was said" in await said(house, await house.menu(MENU, early))
    silent = house.say("what a day")
    house.say("@Mira hello")
    await house.hears("Yes.")
    assert await said(house, await house.menu(MENU, silent)) == "Mira: nobody spoke to it."


async def test_why_a_bot_was_not_answered_is_told(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    other = house.world.add_application("Other")
    house.world.install(other, house.guild)
    foreign = house.world.say(other.user, house.room, "@Mira beep")
    assert await said(house, await house.menu(MENU, foreign)) == (
        "A bot said that, and characters answer people alone."
    )
