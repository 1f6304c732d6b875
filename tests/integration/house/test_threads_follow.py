"""The thread of a character on real Codex holds what the channel shows, and nothing else."""

from __future__ import annotations

import asyncio

from sandbox.discord.world.model import Message
from sandbox.house import House, words
from sandbox.model import Request, Rule, always, gate, say
from tests.fixtures_house import Furnish


def own(request: Request) -> list[str]:
    """What the thread holds as the character's own words, after its greeting."""
    return [text for role, text in request.messages if role == "assistant"][1:]


def count(request: Request, text: str) -> int:
    """How often the model was told `text` by others."""
    return sum(told.count(text) for role, told in request.messages if role == "user")


async def answer(house: House, text: str) -> Request:
    """The request by which a question after this one is asked."""
    seen = len(house.model.requests)
    house.say(text)
    return await house.model.requests.reach(seen + 1)


async def talk(furnish: Furnish) -> tuple[House, Message, Message]:
    """Three questions that Mira has answered; the second one, and an aside that she heard."""
    house = await furnish(
        *(Rule(then=[say(text)], times=1) for text in ("One.", "Two.", "Three.")),
        always(say("Four.")),
    )
    await house.summon("mira")
    house.say("@Mira shall we begin?")
    await house.hears("One.")
    second = house.say("@Mira the word is plum")
    await house.hears("Two.")
    aside = house.say("nobody must know of the cellar", by=house.ben)
    house.say("@Mira well?")
    await house.hears("Three.")
    return house, second, aside


async def knows_what_is_so(house: House) -> None:
    """Asked once more, Mira knows the talk as it reads now, in the thread that she had."""
    request = await answer(house, "@Mira what do you know?")
    assert count(request, "plum") == count(request, "cellar") == 0
    assert count(request, "the word is pear") == count(request, "shall we begin?") == 1
    assert own(request) == ["One.", "Two.", "Three."]
    assert request.thread_id == house.model.requests[0].thread_id
    await house.hears("Four.")


async def test_what_is_edited_or_deleted_is_followed_in_the_same_thread(furnish: Furnish) -> None:
    house, second, aside = await talk(furnish)
    house.edit(second, "@Mira the word is pear")
    house.delete(aside)
    await knows_what_is_so(house)


async def test_what_is_edited_or_deleted_while_the_bot_is_away_is_followed_too(
    furnish: Furnish,
) -> None:
    house, second, aside = await talk(furnish)
    await house.bot.stop()
    house.edit(second, "@Mira the word is pear")
    house.delete(aside)
    await house.start_bot()
    await knows_what_is_so(house)


async def test_a_bot_killed_while_a_reply_is_made_anew_shows_one_and_knows_one(
    furnish: Furnish,
) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("The first.")], times=1),
        Rule(then=[say("Half of", delay=0.1), gate(held)], times=1),
        Rule(then=[say("The second.")], times=1),
        always(say("Yes.")),
    )
    await house.summon("mira")
    house.say("@Mira a word?")
    reply = await house.hears("The first.")
    await house.menu("Regenerate", reply)
    await house.model.requests.reach(2)
    await house.bot.kill()
    await house.start_bot()
    await house.discord.wait_for(lambda _: words(house.now(reply)) == "The second.")
    request = await answer(house, "@Mira sure?")
    await house.hears("Yes.")
    assert [words(one) for one in house.spoken()][1:] == ["The second.", "Yes."]
    assert own(request) == ["The second."]
    assert count(request, "a word?") == 1


async def test_a_burst_of_one_speaker_has_one_answer(furnish: Furnish) -> None:
    held = asyncio.Event()
    house = await furnish(Rule(then=[gate(held), say("Unheard.")], times=1), always(say("Both.")))
    await house.summon("mira")
    house.say("@Mira one thing")
    await house.model.requests.reach(1)
    house.say("@Mira and another")
    request = await house.model.requests.reach(2)
    await house.hears("Both.")
    assert count(request, "one thing") == count(request, "and another") == 1
    request = await answer(house, "@Mira all done?")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 3)
    assert [words(one) for one in house.spoken()][1:] == ["Both.", "Both."]
    assert count(request, "and another") == 1
