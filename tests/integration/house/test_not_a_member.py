"""Commands given in a server that the bot is not a member of."""

from __future__ import annotations

import pytest

from sandbox.discord.world import guilds
from sandbox.model import always, say
from tests.fixtures_house import Furnish
from tests.integration.house.test_commands import private, said


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("summon", {"character": "mira"}),
        ("say", {"character": "mira", "message": "hello"}),
        ("cast", {}),
        ("dismiss", {"character": "mira"}),
        ("room settings", {}),
    ],
)
async def test_nobody_joins_a_server_that_the_bot_is_not_in(
    furnish: Furnish, command: str, options: dict[str, str]
) -> None:
    house = await furnish(always(say("Yes.")))
    guilds.leave(house.world, house.guild, house.application.user.id)
    answer = await house.command(command, **options)
    assert said(answer).startswith("I’m not a member of this server")
    assert private(answer)


async def test_commands_are_for_servers_that_invited_the_bot_and_change_nothing_elsewhere(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    for command in house.application.commands.values():
        assert command.fields["integration_types"] == [0], command.fields["name"]  # servers
        contexts = set(command.fields["contexts"])
        assert contexts <= {0, 1}, command.fields["name"]  # servers, the bot's own messages
    await house.summon("mira")
    house.say("@Mira hello")
    reply = await house.hears("Yes.")
    guilds.leave(house.world, house.guild, house.application.user.id)
    asked = [
        await house.command(name)
        for name in ("room why", "room pause", "room reset", "guidelines show", "pool stats")
    ]
    asked += [
        await house.menu(name, reply)
        for name in ("Why this reply?", "Continue", "Regenerate", "Delete reply")
    ]
    for answer in asked:
        assert said(answer).startswith("I’m not a member of this server"), answer.data["name"]
        assert "[invite me](<https://" in said(answer)
        assert private(answer)
    assert len(house.model.requests) == 1
