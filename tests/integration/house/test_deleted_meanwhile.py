"""What is said and taken back while the gateway is cut: RESUME replays both in one go."""

from __future__ import annotations

from sandbox.model import always, say
from tests.fixtures_house import Furnish


async def test_what_was_deleted_while_the_gateway_was_cut_is_neither_asked_nor_told(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Here I am.")))
    await house.summon("mira")
    await house.discord.wait_for(lambda _: house.spoken())
    house.discord.faults.gateway.reconnect()
    secret = house.say("@Mira the password is plum")
    house.delete(secret)
    changed = house.say("@Mira the price is quince")
    house.edit(changed, "@Mira are you there?")
    await house.hears("Here I am.")
    assert len(house.model.requests) == 1
    asked = str(house.model.requests[-1].messages)
    assert "plum" not in asked
    assert "quince" not in asked
    assert "are you there?" in asked
    assert house.discord.record.sessions[0].resumes == 1
