"""A host whose clock is wrong follows edits all the same."""

from __future__ import annotations

import time

import pytest

from sandbox.discord.world.snowflake import Snowflakes
from tests.fixtures_stage import Theatre


@pytest.mark.parametrize("minutes", [15, -15])
async def test_edits_are_followed_though_the_clock_is_fast_or_slow(
    theatre: Theatre, minutes: int
) -> None:
    world, inn = theatre.server.world, theatre.inn

    def elsewhere() -> float:
        return time.time() - 60 * minutes

    world.clock, world.ids = elsewhere, Snowflakes(elsewhere)
    message = world.say(inn.ada, inn.lobby, "what time is it")
    await theatre.hears(message.id)
    world.edit(inn.ada, message, "@Mira what time is it")
    await theatre.server.wait_for(lambda _: theatre.heard.edits)
    assert theatre.heard.edits[0].text == "@Mira what time is it"
