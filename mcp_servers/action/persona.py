"""set_status, set_mood: a character's persona state in a room."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from bot.domain.actions import SetMood, SetStatus
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import action_tool, plainly

Status = Annotated[str, Field(description="Such as “stirring the soup”; empty: nothing")]
MoodName = Annotated[str, Field(description="One of your moods; empty: your usual face")]


class PersonaTools:
    """The tools of this file, each with its function."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    def tools(self) -> list[Tool]:
        """Return the tools in the order in which models read them."""
        return [
            action_tool(
                SetStatus,
                self.set_status,
                title="Set your status",
                description="Say what you are doing, for the list of who is here.",
            ),
            action_tool(
                SetMood,
                self.set_mood,
                title="Change your mood",
                description="Change the face that people see you with.",
            ),
        ]

    async def set_status(self, text: Status, call: Context[Any, Any]) -> str:
        """Set the status."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(SetStatus(text))
        return "They can see it." if text.strip() else "Your status is empty."

    async def set_mood(self, mood: MoodName, call: Context[Any, Any]) -> str:
        """Change the face."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(SetMood(mood))
        return f"You look {mood.strip()} now." if mood.strip() else "You look as usual."
