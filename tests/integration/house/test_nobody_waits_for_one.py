"""One person asks everywhere at once: who else asks is answered, and Discord refuses nothing."""

from __future__ import annotations

import pytest

from benchmarks import flood
from cogs.presses import AT_ONCE
from sandbox.discord import Limits
from sandbox.model import always, say
from tests.fixtures_house import Furnish

THREADS = 40
REACT = "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"
EXECUTE = "POST /webhooks/{webhook_id}/{webhook_token}"


@pytest.mark.timeout(240)
async def test_who_asks_beside_one_who_asks_in_many_threads_is_answered_among_the_first(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("There is tea, and there is soup.")), limits=Limits.real())
    await house.summon("mira")
    met = await flood.measure(house, threads=THREADS, times=1)
    assert "global" not in met.refused
    # Three of the other one's run at once; Ben's own comes with the first or the second three.
    assert met.before[0] <= 8
    assert met.asked[EXECUTE] <= 12
    # The marks of waiting in a channel and all its threads.
    assert met.asked.get(REACT, 0) <= 12


@pytest.mark.timeout(240)
async def test_thirty_presses_at_once_cost_an_answer_each_and_hardly_a_request_more(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("There is tea.")), limits=Limits.real())
    await house.summon("mira")
    house.say("@Mira is there tea?")
    await house.hears("There is tea.")
    reply = house.spoken()[-1]
    asked, before = house.model.requests.count, len(house.discord.record.requests)
    pressed = [
        house.world.run_command(
            house.ann, house.room, house.application, "Why this reply?", target=reply
        )
        for _ in range(30)
    ]
    for one in pressed:
        await house.answered(one)
    told = [one.original.content for one in pressed if one.original is not None]
    assert sum("too fast" in text for text in told) >= 30 - AT_ONCE - 8
    seen = list(house.discord.record.requests)[before:]
    assert [one for one in seen if one.limited] == []
    # An answer each, and for those that were not refused what they show, put in afterwards.
    assert len([one for one in seen if "/interactions/" not in one.path]) <= AT_ONCE + 8
    assert house.model.requests.count == asked
