"""react, skip, current_time, roll_dice: what they are called, say and give.

The words are written for a model that plays a role. What reacting and skipping do to a room
is the scene's affair; the rules of dice are in `bot.domain.dice`, those of time in `clock`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from bot.domain import dice
from mcp_servers.action.clock import time_in
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import plainly, server, tool

# Discord's longest custom emoji, `<a:name:id>`, has 32 + 20 characters and its marks.
EMOJI_LIMIT = 64
REASON_LIMIT = 300

Emoji = Annotated[str, Field(description="One emoji, such as 🔥")]
Reason = Annotated[str, Field(description="Why, in a few words; nobody in the room sees it")]
Zone = Annotated[str, Field(description="IANA name, such as Europe/Paris")]
Expression = Annotated[str, Field(description="Such as 2d6+1, d20 adv, d20 dis, 4d6kh3")]


def create_server(
    rooms: RoomAccess, *, luck: random.Random, now: Callable[[], datetime]
) -> MCPServer[Any]:
    """The server. `luck` should be a `random.SystemRandom`; `now` gives an aware time."""
    tools = ActionTools(rooms, luck, now)
    return server(
        "action",
        "Actions in the room",
        [
            tool(
                tools.react,
                title="React",
                description="Put an emoji under the message you are answering. "
                "You may speak as well, or skip.",
                reads_only=False,
                repeatable=True,
            ),
            tool(
                tools.skip,
                title="Stay silent",
                description="Say nothing this time, when no answer is needed from you. "
                "Call it instead of writing.",
                reads_only=False,
                repeatable=True,
            ),
            tool(
                tools.current_time,
                title="Current time",
                description="The real date and time, now.",
                reads_only=True,
                repeatable=True,
            ),
            tool(
                tools.roll_dice,
                title="Roll dice",
                description="Roll real dice. Never make up a roll.",
                reads_only=True,
                repeatable=False,
            ),
        ],
    )


class ActionTools:
    """The tools' own work. Plain `def`s are run on a thread by the SDK."""

    def __init__(self, rooms: RoomAccess, luck: random.Random, now: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._luck = luck
        self._now = now

    async def react(self, emoji: Emoji, call: Context[Any, Any]) -> str:
        """React to the message being answered."""
        emoji = emoji.strip()
        if not emoji or len(emoji) > EMOJI_LIMIT or len(emoji.split()) > 1:
            raise ToolError("Give exactly one emoji.")
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.react(emoji)
        return f"You reacted with {emoji}."

    async def skip(self, call: Context[Any, Any], reason: Reason = "") -> str:
        """Decline to speak this time."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.skip(" ".join(reason.split())[:REASON_LIMIT])
        return "You stay silent. End here, without any text."

    def current_time(self, timezone: Zone = "UTC") -> str:
        """Tell the time. On a thread, because zones are read from disk."""
        with plainly():
            return time_in(timezone, self._now())

    async def roll_dice(self, expression: Expression) -> str:
        """Throw the dice of an expression."""
        with plainly():
            return str(dice.roll(expression, self._luck))
