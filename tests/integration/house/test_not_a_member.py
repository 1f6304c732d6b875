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
