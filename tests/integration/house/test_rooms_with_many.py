"""Several characters in a room: they talk, they stop, and it can be asked why."""

from __future__ import annotations

import asyncio

from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel
from sandbox.discord.world.permissions import Permission
from sandbox.house import House, words
from sandbox.model import Request, Step, always, hang, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish


def said(one: Interaction) -> str:
    assert one.original is not None
    return one.original.content


def private(one: Interaction) -> bool:
    return one.original is not None and one.original.only_for == one.user.id


def to_the_other(request: Request) -> list[Step]:
    """Each of the two always names the other one."""
    other = "Rask" if request.instructions.startswith("You are Mira") else "Mira"
    return [say(f"And you, @{other}?")]


async def test_two_who_always_name_one_another_end_and_why_says_so(furnish: Furnish) -> None:
    house = await furnish(Rule(then=to_the_other))
    await house.summon("mira")
    await house.summon("rask")
    greeted = len(house.spoken())
    house.say("@Mira, begin")
    await house.discord.wait_for(lambda _: len(house.spoken()) == greeted + 4)
    told = ""
    async with asyncio.timeout(10):
        while "budget was used up" not in told:  # the last decision comes after the last words
            told = said(await house.command("room why"))
    assert [one.author.username for one in house.spoken()[greeted:]] == ["Mira", "Rask"] * 2
    assert words(house.spoken()[-1]) == "And you, @Mira?"
    rows = told.splitlines()
    assert rows[0].startswith("-# After [what Ann said](https://discord.com/channels/")
    assert rows[1:3] == ["Mira: named in the text.", "Rask: others were spoken to."]
    assert rows[4] == "Rask: named by Mira."
    assert rows[-1].startswith("Mira: named by Rask, but the room’s budget was used up")
    assert len(house.model.requests) == 4
    # Only a person refills.
    house.say("@Rask, once more")
    await house.discord.wait_for(lambda _: len(house.spoken()) == greeted + 8)


async def test_a_pause_stops_what_is_said_and_a_reset_makes_characters_forget(
    furnish: Furnish,
) -> None:
    house = await furnish(
        Rule(then=[say("Once upon a time"), hang()], times=1), always(say("Back again."))
    )
    await house.summon("mira")
    nook = house.thread("the nook")  # has its channel's characters, and its channel's policy
    house.say("@Mira tell me a tale", nook)
    await house.discord.wait_for(lambda _: house.spoken(nook))
    paused = await house.command("room pause")
    assert "**paused**" in said(paused)
    assert not private(paused)
    await house.discord.wait_for(lambda _: "*(stopped)*" in house.spoken(nook)[-1].content)
    house.say("@Mira hello?")
    await house.discord.wait_for(
        lambda _: [m for m in house.room.messages.values() if "is paused: nobody" in m.content]
    )
    assert "paused" in said(await house.command("say", character="mira", message="hello?"))
    assert "**paused**" in said(await house.command("room settings"))
    await house.command("room resume")
    house.say("@Mira and now?")
    await house.hears("Back again.")
    question = await house.command("room reset")
    assert private(question)
    kept = await house.press(question.original, "Cancel")
    assert "Nothing was forgotten" in said(kept)
    request = await asked_in(house, nook, "@Mira do you know it still?")
    assert any("tell me a tale" in text for _, text in request.messages)
    question = await house.command("room reset")
    await house.press(question.original, "Make them forget")
    request = await asked_in(house, nook, "@Mira what tale was it?")
    assert not any("tell me a tale" in text for _, text in request.messages)
    question = await house.command("room reset")
    await house.press(question.original, "Undo the last reset")
    request = await asked_in(house, nook, "@Mira and now, what tale was it?")
    assert any("tell me a tale" in text for _, text in request.messages)
    told = [one.content for one in house.room.messages.values() if not one.only_for]
    assert [text for text in told if text.startswith(("**Forgotten", "**Undone"))] == [
        (
            "**Forgotten**: characters know nothing of what was said here before. "
            "**Ann** reset this room."
        ),
        "**Undone**: characters remember what was said here before the reset. **Ann** undid it.",
    ]


async def asked_in(house: House, channel: Channel, text: str) -> Request:
    """What the model is asked when Ann says that."""
    asked = len(house.model.requests)
    house.say(text, channel)
    request = await house.model.requests.reach(asked + 1)
    assert text in request.last_user_text
    return request


async def test_settings_and_why_are_shown_to_those_who_may(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Aye.")))
    await house.summon("mira")
    shown = await house.command("room settings")
    assert "**Mode** · mention only" in said(shown)
    assert private(shown)
    bad = await house.command("room settings", quiet="at night")
    assert "22:00-07:00" in said(bad)
    changed = await house.command(
        "room settings",
        mode="every",
        chain=1,
        deny="pin",
        quiet="3:00-4:00",
        timezone="Asia/Tokyo",
    )
    assert "every message of a person is answered" in said(changed)
    assert "at most 1 time" in said(changed)
    assert "03:00–04:00 (Asia/Tokyo)" in said(changed)
    assert "`pin`" in said(changed)
    await house.command("room settings", quiet="off", allow="pin")
    spoken = house.say("what a day")
    answer = await house.hears("Aye.")
    for message in (answer, spoken):
        link = f"https://discord.com/channels/{house.guild.id}/{house.room.id}/{message.id}"
        told = await house.command("room why", message=link)
        # Its record may not be complete yet.
        assert said(told).startswith("Mira: every message is answered here, and it won the draw")
    for name in ("settings", "pause", "resume", "reset"):
        refused = await house.command(f"room {name}", by=house.ben)
        assert "**Manage Channels**" in said(refused)
        assert private(refused)
    house.world.permit(house.room, house.ben.id, deny=Permission.SEND_MESSAGES)
    assert "After [what Ann said]" in said(await house.command("room why", by=house.ben))
    nonsense = await house.command("room why", message="that one")
    assert "link or its id" in said(nonsense)
