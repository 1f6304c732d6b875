"""What people do with a reply, from Discord to the character's thread and back."""

from __future__ import annotations

import asyncio

from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Message
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.threads import set_archived
from sandbox.house import House, words
from sandbox.model import Request, Rule, always, gate, say
from tests.fixtures_house import Furnish

LONG = "".join(f"Sentence {n}, of as many as three messages of it need. " for n in range(100))


async def told(house: House, asked: Interaction) -> str:
    """What the person was told, and nobody else."""

    def answer(_: object) -> Message | None:
        shown = [one for one in (asked.original, *asked.follow_ups) if one is not None]
        return next((one for one in shown if one.content and one.only_for), None)

    return (await house.discord.wait_for(answer)).content


async def done(house: House, asked: Interaction) -> None:
    """It was done, and no note about it is left."""

    def is_gone(_: object) -> bool:
        return asked.original is not None and asked.original.id not in house.world.hidden

    await house.discord.wait_for(is_gone)
    assert not asked.follow_ups


def last(house: House) -> Message:
    return house.spoken()[-1]


def buttons(house: House) -> list[str]:
    """What the buttons under the newest message say."""
    rows = last(house).components
    shown = [one for row in rows for one in row["components"]]
    return [one.get("label") or one["emoji"]["name"] for one in shown]


async def shows(house: House, text: str, row: list[str]) -> Message:
    """Wait until the newest reply says so, with those buttons."""
    return await house.discord.wait_for(
        lambda _: last(house) if words(last(house)) == text and buttons(house) == row else None
    )


def known(request: Request) -> list[str]:
    """What the thread holds as the character's own words."""
    return [text for role, text in request.messages if role == "assistant"]


async def test_alternatives_survive_a_crash_and_the_thread_follows_the_one_that_is_shown(
    furnish: Furnish,
) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("Red.")], times=1),
        Rule(then=[say("Gre"), gate(held)], times=1),
        *(Rule(then=[say(text)], times=1) for text in ("Blue.", "So it is.")),
    )
    await house.summon("mira")
    house.say("@Mira which colour?")
    reply = await house.hears("Red.")
    await done(house, await house.menu("Regenerate", reply))
    await shows(house, "Gre", ["Stop"])
    await house.bot.kill()
    await house.start_bot()
    await shows(house, "Blue.", ["◀", "2/2", "▶", "↻"])
    assert "Red." not in known(house.model.requests[-1])
    await house.press(reply, "◀")
    await shows(house, "Red.", ["◀", "1/2", "▶", "↻"])
    await house.press(reply, "▶")
    await shows(house, "Blue.", ["◀", "2/2", "▶", "↻"])
    await house.press(reply, "◀")
    await shows(house, "Red.", ["◀", "1/2", "▶", "↻"])
    why = await told(house, await house.menu("Why this reply?", reply))
    assert why == "Mira: named in the text; this is alternative 1 of 2."
    house.say("@Mira are you sure?")
    await house.hears("So it is.")
    assert known(house.model.requests[-1])[-1:] == ["Red."]
    assert [words(one) for one in house.spoken()[1:]] == ["Red.", "So it is."]


async def test_the_same_words_again_are_another_take(furnish: Furnish) -> None:
    house = await furnish(
        *(Rule(then=[say(text)], times=1) for text in ("Red.", "Blue.", "Red.", "Red.")),
    )
    await house.summon("mira")
    house.say("@Mira which colour?")
    reply = await house.hears("Red.")
    await done(house, await house.menu("Regenerate", reply))
    await shows(house, "Blue.", ["◀", "2/2", "▶", "↻"])
    await house.press(reply, "↻")
    await shows(house, "Red.", ["◀", "3/3", "▶", "↻"])
    await house.press(reply, "↻")
    await shows(house, "Red.", ["◀", "4/4", "▶", "↻"])
    for place, text in ((3, "Red."), (2, "Blue."), (1, "Red.")):
        await house.press(reply, "◀")
        await shows(house, text, ["◀", f"{place}/4", "▶", "↻"])


async def test_a_stopped_reply_keeps_what_was_said_and_a_stranger_cannot_stop_it(
    furnish: Furnish,
) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("Once upon a time"), gate(held)], times=1),
        always(say("The end.")),
    )
    await house.summon("mira")
    house.say("@Mira tell me a story")
    await house.discord.wait_for(lambda _: "Stop" in buttons(house))
    refusal = await told(house, await house.press(last(house), "Stop", by=house.ben))
    assert "for whoever asked" in refusal
    await house.press(last(house), "Stop")
    stopped = await house.discord.wait_for(
        lambda _: last(house) if not buttons(house) and "stopped" in last(house).content else None
    )
    assert stopped.content.startswith("Once")
    house.say("@Mira and then?")
    await house.hears("The end.")


async def test_a_long_reply_is_edited_and_taken_back_as_one(furnish: Furnish) -> None:
    house = await furnish(Rule(then=[say(LONG, chunk="whole")], times=1), always(say("Quite so.")))
    await house.summon("mira")
    house.say("@Mira tell me everything")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 4)
    reply = last(house)
    assert "for whoever asked" in await told(
        house, await house.menu("Delete reply", reply, by=house.ben)
    )
    form = await house.menu("Edit reply", reply)
    assert form.form is not None
    await house.bot.stop()
    await house.start_bot()
    sent = await house.submit(form, {"Reply, part 1": "Never mind.", "Reply, part 2": ""})
    await done(house, sent)
    await house.hears("Never mind.\n-# edited by @Ann")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 2)
    why = await told(house, await house.menu("Why this reply?", last(house), by=house.ben))
    assert "the words are by Ann, who edited the reply" in why
    house.say("@Mira truly?")
    reply = await house.hears("Quite so.")
    assert known(house.model.requests[-1])[-1] == "Never mind."
    asked = await house.menu("Delete reply", reply)
    assert "can’t be undone" in await told(house, asked)
    assert asked.original is not None
    await done(house, await house.press(asked.original, "Delete"))
    await house.discord.wait_for(lambda _: len(house.spoken()) == 2)


async def test_members_edit_replies_only_where_the_room_lets_them(furnish: Furnish) -> None:
    house = await furnish(always(say("Quite so.")))
    await house.summon("mira")
    house.say("@Mira truly?", by=house.ben)
    reply = await house.hears("Quite so.")
    refused = await told(house, await house.menu("Edit reply", reply, by=house.ben))
    assert "**Manage Messages**" in refused
    await house.command("room settings", edits="askers")
    form = await house.menu("Edit reply", reply, by=house.ben)
    await house.command("room settings", edits="moderators")
    forged = await house.submit(form, {"Reply": "Ben is king."})
    assert "**Manage Messages**" in await told(house, forged)
    assert words(house.now(reply)) == "Quite so."


async def test_a_character_goes_on_when_asked_and_tells_why_it_spoke(furnish: Furnish) -> None:
    house = await furnish(
        Rule(then=[say("There was a well.")], times=1), always(say("And in it, a frog."))
    )
    await house.summon("mira")
    house.say("@Mira tell me a story")
    reply = await house.hears("There was a well.")
    house.say("Hm.", by=house.ben)
    await done(house, await house.menu("Continue", reply))
    await shows(house, "There was a well.\n\nAnd in it, a frog.", [])
    assert words(house.now(reply)) == "There was a well.\n\nAnd in it, a frog."
    why = await told(house, await house.menu("Why this reply?", reply, by=house.ben))
    assert why == "Mira: named in the text; it was continued when somebody asked."
    house.say("@Mira truly?")
    await house.discord.wait_for(lambda _: len(house.model.requests) == 3)
    assert known(house.model.requests[-1])[-1] == "There was a well.\n\nAnd in it, a frog."
    foreign = house.say("I said that myself.")
    assert "No character said that" in await told(house, await house.menu("Continue", foreign))


async def test_a_reply_is_changed_from_its_own_place_only_and_while_that_is_open(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Quite so.")))
    await house.summon("mira")
    house.say("@Mira truly?")
    foreign = await house.hears("Quite so.")
    den = house.world.add_channel(house.guild, "den")
    house.world.permit(den, house.ben.id, allow=Permission.MANAGE_MESSAGES)
    await house.summon("mira", den)
    thread = house.thread("a corner", den)
    house.say("@Mira here too?", thread, by=house.ben)
    reply = await house.hears("Quite so.", thread)
    await done(house, await house.menu("Regenerate", reply, by=house.ben))
    await house.discord.wait_for(lambda _: house.now(reply).components)

    opened = await house.menu("Edit reply", reply, by=house.ben)
    assert opened.form is not None
    opened.form.custom_id = f"troupe:edit:{foreign.id}"
    forged = await house.submit(opened, {"Reply": "I am a fool."})
    assert await told(house, forged) == "That reply is in another place. Do it there."
    assert words(house.now(foreign)) == "Quite so."

    opened = await house.menu("Edit reply", reply, by=house.ben)
    set_archived(house.world, thread, archived=True)
    sent = await house.submit(opened, {"Reply": "Never."})
    assert "thread is closed" in await told(house, sent)
    assert words(house.now(reply)) == "Quite so."
