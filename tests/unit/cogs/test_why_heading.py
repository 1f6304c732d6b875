"""The line above a decision: one link, and it leads to the message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.decision import Decision
from bot.domain.room import Place, Room
from bot.messages.rendering import render
from cogs.room import heading

ROOM = Room(5, Place.CHANNEL, 7)
LINK = "](https://discord.com/channels/7/5/9)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann", "Ann"),
        ("x](https://evil.example) [y", "xhttpsevil.example y"),
        ("[]()", "somebody"),
        ("_Ann_ *", "\\_Ann\\_"),
    ],
)
def test_a_name_makes_no_link_of_its_own(name: str, shown: str) -> None:
    line = render(heading(ROOM, Decision(5, 9, name, datetime.now(UTC), ())))
    assert line == f"-# After [what {shown} said{LINK}"
