"""A mention of a person or a role is no call of a character with the same name."""

from __future__ import annotations

import pytest

from bot.domain.addressing import named
from sandbox.discord.world import guilds
from tests.fixtures_stage import MIRA, Theatre


@pytest.mark.parametrize("name", ["Mira", "@Mira", "and @Mira", "\uff20Mira", "x] @Mira"])
async def test_a_mention_of_a_person_calls_no_character_of_that_name(theatre: Theatre, name: str):
    world, inn = theatre.server.world, theatre.inn
    inn.bob.global_name = name
    text = f"<@{inn.bob.id}>, see <@!{inn.bob.id}>: is <@123> here?"
    message = world.say(inn.ada, inn.lobby, text)
    said, _ = await theatre.hears(message.id)
    assert "Mira" in said.text
    assert "@[someone]" in said.text
    assert named(said.text, [MIRA]) == ()
    world.edit(inn.ada, message, f"{text} Hm.")
    await theatre.server.wait_for(lambda _: theatre.heard.edits)
    assert named(theatre.heard.edits[0].text, [MIRA]) == ()
    said, _ = await theatre.hears(world.say(inn.ada, inn.lobby, f"{text} @Mira!").id)
    assert named(said.text, [MIRA]) == ("mira",)


@pytest.mark.parametrize("name", ["Mira", "@Mira", "and @Mira", "\uff20Mira"])
async def test_a_mention_of_a_role_calls_no_character_of_that_name(theatre: Theatre, name: str):
    world, inn = theatre.server.world, theatre.inn
    role = guilds.add_role(world, inn.guild, {"name": name})
    message = world.say(inn.ada, inn.lobby, f"<@&{role.id}>, and <@&123>: come")
    said, _ = await theatre.hears(message.id)
    assert "Mira" in said.text
    assert "@[a role]" in said.text
    assert named(said.text, [MIRA]) == ()


async def test_what_is_forwarded_calls_nobody(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    source = world.say(inn.bob, inn.lobby, "@Mira are you there?")
    said, _ = await theatre.hears(world.forward(inn.ada, inn.lobby, source).id)
    assert "@Mira are you there?" in said.excerpts[0].text
    assert named(said.text, [MIRA]) == ()


@pytest.mark.parametrize("name", ["@Mira what now", "hey Mira", "what do you think Mira?", "@Mira"])
async def test_a_link_to_a_thread_calls_nobody_by_its_name(theatre: Theatre, name: str) -> None:
    world, inn = theatre.server.world, theatre.inn
    thread = world.start_thread(inn.bob, inn.lobby, name)
    for text in (f"<#{thread.id}>", f"see <#{thread.id}>, please"):
        said, _ = await theatre.hears(world.say(inn.ada, inn.lobby, text).id)
        assert "Mira" in said.text
        assert named(said.text, [MIRA]) == ()


async def test_a_channel_is_linked_to_by_its_name(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    said, _ = await theatre.hears(world.say(inn.ada, inn.lobby, f"in <#{inn.lobby.id}>").id)
    assert said.text == f"in #{inn.lobby.name}"
