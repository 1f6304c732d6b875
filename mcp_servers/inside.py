"""All tools as the bot serves them to its app-servers: over MCP, and as plain functions."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from mcp_servers import action, guidelines
from mcp_servers.bearers import Bearers
from mcp_servers.callers import RoomsByThread
from mcp_servers.functions import Functions
from mcp_servers.http import McpDoor
from mcp_servers.ports import FindTurn


class ToolsInside:
    """The tools over MCP and as functions, for the processes in `bearers`.

    `find` finds the running turn of a call; `host` is the address that the bot listens on.
    """

    def __init__(self, find: FindTurn, bearers: Bearers, *, host: str) -> None:
        rooms = RoomsByThread(find)
        rng = random.SystemRandom()
        servers = {
            "action": action.create_server(rooms, rng=rng, now=_now),
            "guidelines": guidelines.create_server(rooms),
        }
        self.door = McpDoor(servers, bearers, host=host)
        self.names = tuple(servers)
        self.functions = Functions(
            [*action.tools(rooms, rng=rng, now=_now), *guidelines.tools(rooms)], bearers
        )


def _now() -> datetime:
    return datetime.now(UTC)
