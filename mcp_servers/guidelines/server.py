"""read_guidelines: the guild's and the character's rules, as one text.

The running turn knows where rules are stored; `words` joins them for the model.
"""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.tools import Tool

from mcp_servers.ports import Guidelines, RoomAccess
from mcp_servers.toolbox import plainly, server, tool

# Characters. Longer rules would crowd out the talk.
RULES_LIMIT = 20_000


def tools(rooms: RoomAccess) -> list[Tool]:
    """Return the only tool."""
    return [
        tool(
            GuidelineTools(rooms).read_guidelines,
            title="Read the guidelines",
            description="The rules of this place and your own. "
            "Read them when unsure what is welcome here.",
            reads_only=True,
            idempotent=True,
        )
    ]


def create_server(rooms: RoomAccess) -> MCPServer[Any]:
    """Return a server of the tool."""
    return server("guidelines", "Rules that hold here", tools(rooms))


class GuidelineTools:
    """The function behind the tool."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    async def read_guidelines(self, call: Context[Any, Any]) -> str:
        """Read the rules as they are now."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            return words(await turn.guidelines())


def words(rules: Guidelines) -> str:
    """Return both sets of rules under their headings, or a line that there are none."""
    parts = [
        f"# {heading}\n{text.strip()[:RULES_LIMIT]}"
        for heading, text in (("Rules of this place", rules.guild), ("Your own", rules.character))
        if text.strip()
    ]
    return "\n\n".join(parts) or "There are no rules beyond who you are."
