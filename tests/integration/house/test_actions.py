"""What a model does besides talking, from its tool call to what people in the room see."""

from __future__ import annotations

from sandbox.house import words
from sandbox.model import Request, Step, call, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish


def when(word: str, *calls: Step) -> Rule:
    """Asked with that word, the model makes these calls, and then tells what came of them."""

    def play(request: Request) -> list[Step]:
        done = request.tool_outputs
        if len(done) < len(calls):
            return [calls[len(done)]]
        told = [output.text.split("Output:\n")[-1].strip() for output in done]
        return [say(f"{word}: {' / '.join(told)}")]

    return Rule(lambda request: word in request.last_user_text, play)


async def test_a_thread_that_a_character_opens_is_its_own(furnish: Furnish) -> None:
    house = await furnish(
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
    furnish: Furnish,
) -> None:
    house = await furnish(when("secret", call("whisper", {"text": "It is plum, @everyone."})))
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
    furnish: Furnish,
) -> None:
    house = await furnish(
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
    await house.discord.wait_for(lambda _: "lacks the permission" in house.spoken()[-1].content)
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
