"""All tools as the bot serves them to its app-servers: over MCP, and as plain functions."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from mcp_servers import action, guidelines
from mcp_servers.bearers import Bearers
from mcp_servers.callers import RoomsByThread
from mcp_servers.functions import Functions
from mcp_servers.http import McpDoor
from mcp_servers.ports import FindScene


class ToolsInside:
    """Both ways to the same tools, for processes that `bearers` knows.

    `find` finds the scene of a call; `host` is the address that the bot listens on.
    """

    def __init__(self, find: FindScene, bearers: Bearers, *, host: str) -> None:
        rooms = RoomsByThread(find)
        luck = random.SystemRandom()
        servers = {
            "action": action.create_server(rooms, luck=luck, now=_now),
            "guidelines": guidelines.create_server(rooms),
        }
        self.door = McpDoor(servers, bearers, host=host)
        self.names = tuple(servers)
        self.functions = Functions(
            [*action.tools(rooms, luck=luck, now=_now), *guidelines.tools(rooms)], bearers
        )


def _now() -> datetime:
    return datetime.now(UTC)
