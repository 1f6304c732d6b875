"""read_guidelines: the guild's and the character's rules, as one text.

Where rules are kept is the scene's affair; here they are put into words for the model.
"""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.tools import Tool

from mcp_servers.ports import Guidelines, RoomAccess
from mcp_servers.toolbox import plainly, server, tool

# Rules longer than this drown the talk that they are for.
RULES_LIMIT = 20_000


def tools(rooms: RoomAccess) -> list[Tool]:
    """The one tool."""
    return [
        tool(
            GuidelineTools(rooms).read_guidelines,
            title="Read the guidelines",
            description="The rules of this place and your own. "
            "Read them when unsure what is welcome here.",
            reads_only=True,
            repeatable=True,
        )
    ]


def create_server(rooms: RoomAccess) -> MCPServer[Any]:
    """A server of it."""
    return server("guidelines", "Rules that hold here", tools(rooms))


class GuidelineTools:
    """The tool's own work."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    async def read_guidelines(self, call: Context[Any, Any]) -> str:
        """Read the rules as they are now."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            return words(await scene.guidelines())


def words(rules: Guidelines) -> str:
    """Both sets of rules under their headings; says so when there are none."""
    parts = [
        f"# {heading}\n{text.strip()[:RULES_LIMIT]}"
        for heading, text in (("Rules of this place", rules.guild), ("Your own", rules.character))
        if text.strip()
    ]
    return "\n\n".join(parts) or "There are no rules beyond who you are."
