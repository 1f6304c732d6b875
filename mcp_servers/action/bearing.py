"""set_status, set_mood: how a character bears itself in a room."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import plainly, tool

Status = Annotated[str, Field(description="Such as “stirring the soup”; empty: nothing")]
MoodName = Annotated[str, Field(description="One of your moods; empty: your usual face")]


class BearingTools:
    """The tools' own work."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    def tools(self) -> list[Tool]:
        """As they are served."""
        return [
            tool(
                self.set_status,
                title="Set your status",
                description="Say what you are doing, for the list of who is here.",
                reads_only=False,
                repeatable=True,
            ),
            tool(
                self.set_mood,
                title="Change your mood",
                description="Change the face that people see you with.",
                reads_only=False,
                repeatable=True,
            ),
        ]

    async def set_status(self, text: Status, call: Context[Any, Any]) -> str:
        """Say what the character does."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.set_status(text)
        return "They can see it." if text.strip() else "Your status is empty."

    async def set_mood(self, mood: MoodName, call: Context[Any, Any]) -> str:
        """Wear another face."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.set_mood(mood)
        return f"You look {mood.strip()} now." if mood.strip() else "You look as usual."
