"""`/pool`: whoever runs the bot sees and ends app-servers, a server's admins see their part."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.discord.world.errors import ApiError
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Channel, User
from sandbox.house import House
from sandbox.model import always, gate, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish, app_servers


def said(one: Interaction) -> str:
    return one.original.content if one.original is not None else ""


async def answer(house: House, name: str, **options: Any) -> str:
    """What Ann, who runs the bot, is told: also when that takes its time."""
    one = await house.command(name, **options)
    await house.discord.wait_for(lambda _: said(one), 15)
    assert one.original is not None
    assert one.original.only_for == house.ann.id
    return said(one)


async def awake(furnish: Furnish) -> House:
    """A house in which Mira has spoken."""
    house: House = await furnish(always(say("Yes.")))
    await house.summon("mira")
    house.say("@Mira hello")
    await house.hears("Yes.")
    return house


def elsewhere(house: House) -> tuple[User, Channel]:
    """Another server with the bot in it, and its own admin."""
    cleo = house.world.add_user("cleo", display="Cleo")
    guild = house.world.add_guild("Elsewhere", cleo)
    room = house.world.add_channel(guild, "hall")
    house.world.install(house.application, guild)
    return cleo, room


async def test_an_admin_sees_the_rooms_of_their_server_and_nothing_of_others(
    furnish: Furnish,
) -> None:
    house = await awake(furnish)
    cleo, hall = elsewhere(house)
    none = await house.command("pool instances", hall, by=cleo)
    assert said(none) == "No character is awake for this server right now."
    await house.command("summon", hall, by=cleo, character="mira")
    house.world.say(cleo, hall, "@Mira hello")
    await house.hears("Yes.", hall)
    assert said(await house.command("pool instances", hall, by=cleo)) == "**mira** · 1 room here"
    stats = said(await house.command("pool stats", hall, by=cleo))
    assert stats == "Awake in this server: 1 character, in 1 room."
    assert "2 rooms" in await answer(house, "pool instances")
    assert "pid " in await answer(house, "pool instances")


@pytest.mark.parametrize("name", ["restart", "evict", "drain"])
async def test_only_whoever_runs_the_bot_may_change_the_pool(furnish: Furnish, name: str) -> None:
    house = await awake(furnish)
    cleo, hall = elsewhere(house)
    options: dict[str, Any] = {} if name == "drain" else {"character": "mira"}
    before = [one.pid for one in app_servers(house)]
    refused = await house.command(f"pool {name}", hall, by=cleo, **options)
    assert said(refused) == "Only whoever runs this bot can do that."
    with pytest.raises(ApiError, match="50013"):
        await house.command(f"pool {name}", by=house.ben, **options)
    assert [one.pid for one in app_servers(house)] == before
    house.say("@Mira still there?")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 3)


async def test_a_restart_gives_a_character_another_process(furnish: Furnish) -> None:
    house = await awake(furnish)
    (before,) = app_servers(house)
    assert await answer(house, "pool restart", character="Mira") == (
        "**mira** has a new app-server."
    )
    (after,) = app_servers(house)
    assert after.pid != before.pid
    assert "has no app-server" in await answer(house, "pool restart", character="rask")


async def test_a_restart_in_mid_turn_still_gives_one_answer(furnish: Furnish) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("One half"), gate(held)], times=1), always(say("The whole of it."))
    )
    await house.summon("mira")
    house.say("@Mira tell me")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 2)
    assert "is busy" in await answer(house, "pool evict", character="mira")
    assert "new app-server" in await answer(house, "pool restart", character="mira")
    await house.hears("The whole of it.")
    assert len(house.spoken()) == 2


async def test_an_evicted_character_sleeps_and_remembers(furnish: Furnish) -> None:
    house = await awake(furnish)
    # Its words are shown a moment before its turn is over.
    async with asyncio.timeout(5):
        while "idle" not in await answer(house, "pool instances"):
            pass
    assert "sleeps until" in await answer(house, "pool evict", character="mira")
    assert app_servers(house) == []
    assert "has no app-server" in await answer(house, "pool evict", character="mira")
    house.say("@Mira again")
    request = await house.model.requests.reach(2)
    assert any("@Mira hello" in text for _, text in request.messages)


async def test_a_drained_pool_takes_no_turns_until_it_is_asked_again(furnish: Furnish) -> None:
    house = await awake(furnish)
    assert "is **drained**" in await answer(house, "pool drain")
    assert "is **drained**" in await answer(house, "pool stats")
    assert "The pool is drained" in await answer(house, "pool restart", character="mira")
    house.say("@Mira hello?")
    texts = house.room.messages
    await house.discord.wait_for(
        lambda _: [one for one in texts.values() if "can’t answer" in one.content]
    )
    assert await answer(house, "pool drain") == "New turns are taken again."
    house.say("@Mira and now?")
    await house.discord.wait_for(lambda _: len(house.spoken()) == 3)


async def test_those_who_are_awake_are_offered_to_the_owner_alone(furnish: Furnish) -> None:
    house = await awake(furnish)
    cleo, hall = elsewhere(house)
    seen: list[list[str]] = []
    house.world.listeners.append(
        lambda event: (
            seen.append([each["value"] for each in event.data["choices"]])
            if event.name == "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE"
            else None
        )
    )
    for who, room, typed in ((house.ann, house.room, "MI"), (house.ann, house.room, "rask")):
        await _type(house, who, room, typed, seen)
    await _type(house, cleo, hall, "", seen)
    assert seen == [["mira"], [], []]


async def _type(house: House, who: User, room: Channel, typed: str, seen: list[list[str]]) -> None:
    before = len(seen)
    house.world.autocomplete(
        who, room, house.application, "pool restart", focused="character", character=typed
    )
    await house.discord.wait_for(lambda _: len(seen) > before)
