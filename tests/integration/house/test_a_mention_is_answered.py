"""The whole way: a mention in Discord, real Codex, an answer with a name and a face."""

from __future__ import annotations

from bot.domain.actions import ACTION_NAMES
from sandbox.house import words
from sandbox.model import Request, Step, always, call, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish


async def test_a_summoned_character_greets_and_answers_under_its_own_name(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("The kettle is on.")))
    await house.summon("mira")
    await house.discord.wait_for(lambda _: house.spoken())
    house.say("@Mira is there tea?")
    answer = await house.hears("The kettle is on.")
    assert answer.author.username == "Mira"
    assert answer.author.avatar
    assert answer.application_id == house.application.id


async def test_the_model_sees_persona_conversation_and_our_tools_only(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    house.say("@Mira hello")
    await house.hears("Yes.")
    request: Request = house.model.requests[-1]
    assert "Mira" in request.instructions
    assert "@Mira hello" in request.last_user_text
    assert {tool.name for tool in request.tools} - {
        "list_mcp_resources",
        "list_mcp_resource_templates",
        "read_mcp_resource",
    } == {"skip", "current_time", "roll_dice", "read_guidelines", *ACTION_NAMES}


async def test_a_model_reacts_and_its_reaction_is_under_the_message(furnish: Furnish) -> None:
    house = await furnish(
        Rule(lambda request: not request.tool_outputs, [call("react", {"emoji": "👋"})]),
        always(say("There you are.")),
    )
    await house.summon("mira")
    asked = house.say("@Mira hello")
    await house.hears("There you are.")
    assert "👋" in asked.reactions


async def test_a_model_that_skips_leaves_no_message(furnish: Furnish) -> None:
    house = await furnish(
        Rule(
            lambda request: "hush" in request.last_user_text and not request.tool_outputs,
            [call("skip", {"reason": "not my turn"})],
        ),
        Rule(lambda request: "hush" in request.last_user_text, []),
        always(say("Now I speak.")),
    )
    await house.summon("mira")
    await house.discord.wait_for(lambda _: house.spoken())
    before = len(house.spoken())
    house.say("@Mira hush")
    await house.model.requests.reach(2)
    house.say("@Mira and now?")
    await house.hears("Now I speak.")
    assert len(house.spoken()) == before + 1


async def test_two_who_are_named_answer_in_order_and_the_second_hears_the_first(
    furnish: Furnish,
) -> None:
    def echo(request: Request) -> list[Step]:
        heard = "The first has spoken." in request.last_user_text
        return [say("I heard it." if heard else "The first has spoken.")]

    house = await furnish(Rule(then=echo))
    await house.summon("mira")
    await house.summon("rask")
    house.say("@Mira and then @Rask")
    await house.hears("I heard it.")
    spoken = house.spoken()[-2:]
    assert [one.author.username for one in spoken] == ["Mira", "Rask"]
    assert words(spoken[0]) == "The first has spoken."
