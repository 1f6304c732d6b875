"""What a model does besides talking, from its tool call to what people in the room see.

Each of it over MCP, and as plain functions to a model that takes nothing else.
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.house import House, words
from sandbox.model import Request, Step, call, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish

# An endpoint of one's own: a model that no catalog knows.
OWN_MODEL = {"CODEX_MODEL": "a-model-of-ones-own"}
ROUTES = {"mcp": {"CODEX_TOOLS": "mcp"}, "functions": {"CODEX_TOOLS": "functions", **OWN_MODEL}}


@pytest.fixture(params=ROUTES)
def furnish_route(request: pytest.FixtureRequest, furnish: Furnish) -> Furnish:
    """`furnish`, once for each route that the tools take to the model."""

    async def make(*script: Any, **more: Any) -> House:
        house: House = await furnish(*script, settings=ROUTES[request.param], **more)
        return house

    return make


def when(word: str, *calls: Step) -> Rule:
    """Asked with that word, the model makes these calls, and then tells what came of them."""

    def play(request: Request) -> list[Step]:
        done = request.tool_outputs
        if len(done) < len(calls):
            return [calls[len(done)]]
        told = [output.text.split("Output:\n")[-1].strip() for output in done]
        return [say(f"{word}: {' / '.join(told)}")]

    return Rule(lambda request: word in request.last_user_text, play)


async def test_a_thread_that_a_character_opens_is_its_own(furnish_route: Furnish) -> None:
    house = await furnish_route(
        when("cellar", call("open_thread", {"name": "The cellar"})),
        when("dark", call("open_thread", {"name": "Deeper"})),
    )
    await house.summon("mira")
    await house.summon("rask")
    asked = house.say("@Mira let us talk of the cellar")
    await house.discord.wait_for(lambda _: words(house.spoken()[-1]).startswith("cellar: "))
    thread = house.world.channel(asked.id)
    assert thread.name == "The cellar"
    house.say("it is dark in here", thread)
    await house.discord.wait_for(
        lambda _: house.spoken(thread) and "in a channel only" in words(house.spoken(thread)[0])
    )
    assert [one.author.username for one in house.spoken(thread)] == ["Mira"]


async def test_a_whisper_is_read_by_whoever_used_say_and_by_nobody_else(
    furnish_route: Furnish,
) -> None:
    house = await furnish_route(when("secret", call("whisper", {"text": "It is plum, @everyone."})))
    await house.summon("mira")
    asked = await house.command("say", character="mira", message="the secret?", by=house.ben)
    heard = await house.discord.wait_for(lambda _: asked.follow_ups)
    assert heard[0].content == "**Mira**\nIt is plum, @everyone."
    assert heard[0].only_for == house.ben.id
    assert not heard[0].mention_everyone
    await house.discord.wait_for(lambda _: words(house.spoken()[-1]).startswith("secret: Only"))
    assert all("plum" not in one.content for one in house.room.messages.values())

    house.say("@Mira the secret?", by=house.ben)
    await house.discord.wait_for(lambda _: "can whisper only to" in house.spoken()[-1].content)
    assert len(asked.follow_ups) == 1


async def test_what_is_asked_of_a_character_is_done_for_who_may_and_refused_in_a_line(
    furnish_route: Furnish,
) -> None:
    house = await furnish_route(
        when(
            "menu",
            call("reply_to", {"quote": "soup or stew"}),
            call("set_mood", {"mood": "laughing"}),
            call("set_status", {"text": "counts *spoons*"}),
            call("poll", {"question": "Lunch?", "answers": ["soup", "stew"]}),
            call("send_file", {"name": "menu.md", "text": "# Menu"}),
            call("pin", {"quote": "soup or stew"}),
        )
    )
    await house.summon("mira")
    first = house.say("is it soup or stew today?")
    house.say("@Mira the menu?", by=house.ben)
    await house.discord.wait_for(lambda _: "Pin Messages here." in house.spoken()[-1].content)
    assert first.id not in house.room.pins

    greeting, poll, file, answer = house.spoken()
    assert words(answer).startswith("menu: Your words will link to that message of Ann.")
    assert answer.content.startswith("-# ↪ [reply to Ann](")
    assert str(first.id) in answer.content.splitlines()[0]
    assert "Who asked you lacks the permission Pin Messages here." in answer.content
    assert poll.poll is not None
    assert [one.filename for one in file.attachments] == ["menu.md"]
    assert greeting.author.avatar != answer.author.avatar
    assert answer.author.avatar

    shown = await house.command("cast", by=house.ben)
    assert shown.original is not None
    assert " · laughing · “counts \\*spoons\\*” · answers to " in shown.original.content

    asked = len(house.spoken())
    house.say("@Mira the menu?")
    await house.discord.wait_for(
        lambda _: len(house.spoken()) > asked and "It is pinned." in house.spoken()[-1].content
    )
    assert first.id in house.room.pins


async def test_a_reaction_dice_the_time_and_the_rules_are_had_in_one_turn(
    furnish_route: Furnish,
) -> None:
    house = await furnish_route(
        when(
            "everything",
            call("react", {"emoji": "🔥"}),
            call("roll_dice", {"expression": "1d2+40"}),
            call("current_time", {"timezone": "Asia/Tokyo"}),
            call("read_guidelines", {}),
            call("react", {"emoji": "not one emoji"}),
        )
    )
    await house.summon("mira")
    asked = house.say("@Mira do everything")
    last = await house.model.requests.first(lambda request: len(request.tool_outputs) == 5)
    told = [output.text for output in last.tool_outputs]
    assert list(house.now(asked).reactions) == ["🔥"]
    for text, part in zip(
        told,
        (
            "You reacted with 🔥.",
            "1d2 [",
            "Asia/Tokyo, UTC+09:00",
            "# Your own",
            "exactly one emoji.",
        ),
        strict=True,
    ):
        assert part in text


async def test_a_character_that_skips_says_nothing_and_why_is_told(furnish_route: Furnish) -> None:
    house = await furnish_route(
        when("silence", call("skip", {"reason": "all is said"})),
        Rule(lambda request: "speak" in request.last_user_text, [say("I speak.")]),
    )
    await house.summon("mira")
    greeted = len(house.spoken())
    house.say("@Mira silence?")
    await house.model.requests.first(
        lambda request: any(output.name == "skip" for output in request.tool_outputs)
    )
    house.say("@Mira now speak", by=house.ben)
    await house.hears("I speak.")
    assert len(house.spoken()) == greeted + 1


async def test_functions_outlive_the_bot_with_their_thread(furnish: Furnish) -> None:
    house = await furnish(
        when("cellar", call("react", {"emoji": "🔥"})), settings=ROUTES["functions"]
    )
    await house.summon("mira")
    for _ in range(2):
        asked = house.say("@Mira what of the cellar?")
        await house.discord.wait_for(lambda _, asked=asked: house.now(asked).reactions)
        await house.discord.wait_for(lambda _: words(house.spoken()[-1]).startswith("cellar"))
        if house.bot.running:
            offered = house.model.requests[-1].tools
            await house.bot.stop()
            await house.start_bot()
    assert {(tool.kind, tool.namespace) for tool in offered} == {("function", None)}
    assert {"react", "skip", "read_guidelines"} < {tool.name for tool in offered}
    assert not [tool for tool in offered if "mcp" in tool.name]
    assert len({request.thread_id for request in house.model.requests}) == 1


async def test_without_a_route_a_model_is_offered_no_tool_at_all(furnish: Furnish) -> None:
    house = await furnish(
        Rule(lambda _: True, [say("Good evening.")]), settings={"CODEX_TOOLS": "none", **OWN_MODEL}
    )
    await house.summon("mira")
    house.say("@Mira good evening")
    await house.hears("Good evening.")
    assert house.model.requests[-1].tools == ()
