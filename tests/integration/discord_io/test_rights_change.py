"""A permission that is given back counts from its event on, not a minute later."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.discord import Permission
from sandbox.discord.world import channels, guilds
from tests.fixtures_stage import Theatre

Give = Callable[[Theatre], None]
WEBHOOKS = int(Permission.MANAGE_WEBHOOKS)
REST = int(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.READ_MESSAGE_HISTORY)


def _by_the_channel(theatre: Theatre) -> None:
    inn = theatre.inn
    theatre.server.world.permit(inn.lobby, inn.application.user.id, allow=WEBHOOKS)


def _by_a_role(theatre: Theatre) -> None:
    inn = theatre.inn
    (role_id,) = inn.guild.members[inn.application.user.id].roles
    role = inn.guild.roles[role_id]
    guilds.edit_role(theatre.server.world, inn.guild, role, {"permissions": str(REST | WEBHOOKS)})


def _by_another_role(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    member = inn.guild.members[inn.application.user.id]
    role = guilds.add_role(world, inn.guild, {"name": "Hooks", "permissions": str(WEBHOOKS)})
    guilds.edit_member(world, inn.guild, member, {"roles": [*member.roles, role.id]})


@pytest.mark.parametrize("give", [_by_the_channel, _by_a_role, _by_another_role])
async def test_a_right_given_back_is_used_at_once(theatre: Theatre, give: Give) -> None:
    world, inn = theatre.server.world, theatre.inn
    (role_id,) = inn.guild.members[inn.application.user.id].roles
    guilds.edit_role(world, inn.guild, inn.guild.roles[role_id], {"permissions": str(REST)})
    await theatre.server.wait_for(lambda _: theatre.heard.rights)
    await theatre.say(theatre.asked(inn.lobby), "Good evening.")
    theatre.heard.rights.clear()
    give(theatre)
    await theatre.server.wait_for(lambda _: theatre.heard.rights)
    await theatre.say(theatre.asked(inn.lobby), "And more.")
    assert theatre.texts(inn.lobby) == ["**Mira**\nGood evening.", "And more."]


async def test_another_topic_is_no_other_right(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    channels.edit(world, inn.lobby, {"topic": "Soup"})
    await theatre.hears(world.say(inn.ada, inn.lobby, "and now").id)
    assert theatre.heard.rights == []
