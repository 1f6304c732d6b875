"""current_time, roll_dice: tools without a room. Rules are in `clock` and `bot.domain.dice`."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from bot.domain import dice
from mcp_servers.action.clock import time_in
from mcp_servers.toolbox import plainly, tool

Zone = Annotated[str, Field(description="IANA name, such as Europe/Paris")]
Expression = Annotated[str, Field(description="Such as 2d6+1, d20 adv, d20 dis, 4d6kh3")]


class FactTools:
    """The tools of this file. The SDK runs each plain `def` on an OS thread."""

    def __init__(self, rng: random.Random, now: Callable[[], datetime]) -> None:
        self._rng = rng
        self._now = now

    def tools(self) -> list[Tool]:
        """Return the tools in the order in which models read them."""
        return [
            tool(
                self.current_time,
                title="Current time",
                description="The real date and time, now.",
                reads_only=True,
                idempotent=True,
            ),
            tool(
                self.roll_dice,
                title="Roll dice",
                description="Roll real dice. Never make up a roll.",
                reads_only=True,
                idempotent=False,
            ),
        ]

    def current_time(self, timezone: Zone = "UTC") -> str:
        """Tell the time. On an OS thread, because zones are read from disk."""
        with plainly():
            return time_in(timezone, self._now())

    async def roll_dice(self, expression: Expression) -> str:
        """Roll the dice of an expression."""
        with plainly():
            return str(dice.roll(expression, self._rng))
