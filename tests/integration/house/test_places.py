"""Threads, direct messages and the other kinds of channel, each a room."""

from __future__ import annotations

import asyncio

import psutil

from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel, ChannelType
from sandbox.house import House
from sandbox.model import always, say
from tests.fixtures_house import Furnish


def shown(one: Interaction) -> str:
    assert one.original is not None
    return one.original.content


async def answered(house: House, place: Channel, times: int = 1) -> None:
    await house.discord.wait_for(lambda _: len(house.spoken(place)) == times)


async def test_a_thread_has_its_channels_cast_and_webhook_until_it_has_its_own(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("In here.")))
    await house.summon("mira")
    thread = house.thread("a corner", house.room)
    house.say("@Mira hello", thread)
    answer = await house.hears("In here.", thread)
    assert answer.webhook_id == house.spoken()[0].webhook_id
    assert house.world.webhooks[answer.webhook_id].channel_id == house.room.id
    assert "As in its channel" in shown(await house.command("cast", thread))
    assert "Here: Mira, as in its channel." in shown(await house.command("diagnose", thread))

    await house.command("dismiss", thread, character="mira")
    await house.summon("rask", thread)
    cast = shown(await house.command("cast", thread))
    assert "**Rask**" in cast
    assert "Mira" not in cast
    assert "**Mira**" in shown(await house.command("cast"))


async def test_what_was_said_in_threads_while_the_bot_was_away_is_answered(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("I was out.")))
    await house.summon("mira")
    known = house.thread("known", house.room)
    house.say("@Mira one", known)
    await answered(house, known)
    await house.bot.stop()
    house.say("@Mira two", known)
    new = house.thread("opened meanwhile", source=house.say("a topic"))
    house.say("@Mira three", new)
    await house.start_bot()
    await answered(house, known, 2)
    await answered(house, new)
    asked = [request.last_user_text for request in house.model.requests]
    assert len(asked) == 3
    assert sum("@Mira one" in text for text in asked) == 1


async def test_a_thread_tells_what_it_was_started_from(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    thread = house.thread("aside", source=house.say("the bridge is out"))
    house.say("@Mira is that so?", thread)
    await house.hears("Yes.", thread)
    told = [text for _, text in house.model.requests[-1].messages]
    assert any("the bridge is out" in text for text in told)


async def test_a_direct_talk_needs_no_names_and_stays_between_two(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await house.summon("mira")
    direct = house.direct()
    house.dm("anybody?")
    await house.discord.wait_for(
        lambda _: any("Nobody is here yet" in one.content for one in direct.messages.values())
    )
    joined = await house.summon("mira", direct)
    assert shown(joined) == "**Mira** joins. Just write to talk."
    house.dm("my secret is plum")
    await house.discord.wait_for(
        lambda _: any(one.content == "**Mira**\nYes." for one in direct.messages.values())
    )
    assert "under my name" in shown(await house.command("diagnose", direct))
    house.say("@Mira what is my secret?")
    await house.hears("Yes.")
    assert not any("plum" in text for _, text in house.model.requests[-1].messages)


async def test_announcement_and_voice_channels_are_rooms_as_well(furnish: Furnish) -> None:
    house = await furnish(always(say("In here.")))
    for kind in (ChannelType.ANNOUNCEMENT, ChannelType.VOICE):
        place = house.world.add_channel(house.guild, kind.name.lower(), kind)
        await house.summon("mira", place)
        house.say("@Mira hello", place)
        answer = await house.hears("In here.", place)
        assert house.world.webhooks[answer.webhook_id].channel_id == place.id


async def test_with_a_memory_that_hangs_a_command_is_answered_in_time(furnish: Furnish) -> None:
    house = await furnish()
    await house.summon("mira")
    servers = [
        one
        for one in psutil.Process(house.bot.pid).children(recursive=True)
        if "server" in one.name()
    ]
    assert len(servers) == 1
    servers[0].suspend()
    try:
        failed = await asyncio.gather(
            house.command("summon", character="rask"),
            house.command("dismiss", character="mira"),
            house.command("guidelines show"),
        )
    finally:
        servers[0].resume()
    for one in failed:
        assert not one.failed
        assert shown(one).startswith("The bot’s memory can’t be reached right now.")
    await house.summon("rask")
    cast = shown(await house.command("cast"))
    assert "**Mira**" in cast
    assert "**Rask**" in cast
