"""Forms and menus that were opened before the bot was started again still do what they say."""

from __future__ import annotations

from sandbox.model import always, say
from tests.fixtures_house import Furnish
from tests.integration.house.test_commands import private, said


async def test_rules_that_were_begun_before_a_restart_are_kept_after_it(furnish: Furnish) -> None:
    house = await furnish()
    opened = await house.command("guidelines edit")
    await house.bot.stop()
    await house.start_bot()
    sent = await house.submit(opened, {"What every character here keeps to": "Be kind."})
    assert said(sent) == "Characters follow these rules from now on."
    assert private(sent)
    assert said(await house.command("guidelines show")).strip() == "Be kind."
    emptied = await house.command("guidelines edit")
    gone = await house.submit(emptied, {"What every character here keeps to": ""})
    assert said(gone) == "The rules have been removed."


async def test_an_edit_that_was_begun_before_a_restart_is_made_after_it(furnish: Furnish) -> None:
    house = await furnish(always(say("The soup is cold.")))
    await house.summon("mira")
    house.say("@Mira how is the soup?")
    answer = await house.hears("The soup is cold.")
    await house.discord.wait_for(lambda _: not house.now(answer).components)
    opened = await house.menu("Edit reply", answer)
    await house.bot.stop()
    await house.start_bot()
    await house.submit(opened, {"Reply": "The soup is hot."})
    await house.discord.wait_for(lambda _: house.now(answer).content.startswith("The soup is hot."))
