"""What a client of one's own can send past choices and lengths gets a clear answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.policy import Policy
from cogs.room import RoomCog
from cogs.show import MESSAGE_LIMIT, shortened
from tests.refused import refused


@pytest.mark.parametrize("given", [{"mode": "shouting"}, {"deny": "sing"}, {"allow": "sing"}])
async def test_a_value_past_the_choices_is_refused(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.room.authorise", lambda *_: None)
    monkeypatch.setattr("cogs.room.room_of", lambda _: None)
    policies = SimpleNamespace(of=lambda _: Policy())
    cog = RoomCog(
        reads_messages=lambda: True,
        policies=cast(Any, policies),
        casting=cast(Any, None),
        running_turns=cast(Any, None),
        why=cast(Any, None),
    )
    with refused("Choose one from the list"):
        await cast(Any, RoomCog.settings.callback)(cog, cast(Any, None), **given)


def test_what_is_told_fits_a_message() -> None:
    assert shortened("Short.") == "Short."
    long = shortened("**" + "word " * 1_000 + "**")
    assert len(long) <= MESSAGE_LIMIT
    assert long.endswith("…")
    assert shortened("half \ud83d") == "half \ufffd"
