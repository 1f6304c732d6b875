"""The server's tools, put together, in the order in which models read them.

Each family of tools has a file with their names, descriptions and answers, worded for a model that
plays a role. `bot.rooms.actions.service` owns what an action does to a room.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool

from mcp_servers.action.answering import AnsweringTools
from mcp_servers.action.facts import FactTools
from mcp_servers.action.persona import PersonaTools
from mcp_servers.action.posting import PostingTools
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import server


def tools(rooms: RoomAccess, *, rng: random.Random, now: Callable[[], datetime]) -> list[Tool]:
    """Return the tools. `rng` should be a `random.SystemRandom`; `now` gives an aware time."""
    return [
        *AnsweringTools(rooms).tools(),
        *FactTools(rng, now).tools(),
        *PostingTools(rooms).tools(),
        *PersonaTools(rooms).tools(),
    ]


def create_server(
    rooms: RoomAccess, *, rng: random.Random, now: Callable[[], datetime]
) -> MCPServer[Any]:
    """Return a server of these tools."""
    return server("action", "Actions in the room", tools(rooms, rng=rng, now=now))
