"""The server's tools, put together, in the order in which models read them.

What each is called, says and gives is in a file for each family. The words are written for a
model that plays a role; what an action does to a room is the scene's affair.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool

from mcp_servers.action.answering import AnsweringTools
from mcp_servers.action.bearing import BearingTools
from mcp_servers.action.facts import FactTools
from mcp_servers.action.posting import PostingTools
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import server


def tools(rooms: RoomAccess, *, luck: random.Random, now: Callable[[], datetime]) -> list[Tool]:
    """The tools. `luck` should be a `random.SystemRandom`; `now` gives an aware time."""
    return [
        *AnsweringTools(rooms).tools(),
        *FactTools(luck, now).tools(),
        *PostingTools(rooms).tools(),
        *BearingTools(rooms).tools(),
    ]


def create_server(
    rooms: RoomAccess, *, luck: random.Random, now: Callable[[], datetime]
) -> MCPServer[Any]:
    """A server of these tools."""
    return server("action", "Actions in the room", tools(rooms, luck=luck, now=now))
