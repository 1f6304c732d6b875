"""react, reply_to, skip: answers other than words."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from bot.domain.actions import React, ReplyTo, Skip
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import action_tool, plainly

# Discord's longest custom emoji, `<a:name:id>`, has 32 + 20 characters and its marks.
EMOJI_LIMIT = 64
REASON_LIMIT = 300

Emoji = Annotated[str, Field(description="One emoji, such as 🔥")]
Reason = Annotated[str, Field(description="Why, in a few words, for whoever asks why")]
Quote = Annotated[str, Field(description="Some of its words, exactly")]


class AnsweringTools:
    """The tools of this file, each with its function."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    def tools(self) -> list[Tool]:
        """Return the tools in the order in which models read them."""
        return [
            action_tool(
                React,
                self.react,
                title="React",
                description="Put an emoji under the message you are answering. "
                "You may speak as well, or skip.",
            ),
            action_tool(
                ReplyTo,
                self.reply_to,
                title="Reply to an earlier message",
                description="Answer an earlier message than the newest: your words get a link to "
                "it. Call it before you speak.",
            ),
            action_tool(
                Skip,
                self.skip,
                title="Stay silent",
                description="Say nothing this time, when no answer is needed from you. "
                "Call it instead of writing.",
            ),
        ]

    async def react(self, emoji: Emoji, call: Context[Any, Any]) -> str:
        """React to the message being answered."""
        emoji = emoji.strip()
        if not emoji or len(emoji) > EMOJI_LIMIT or len(emoji.split()) > 1:
            raise ToolError("Give exactly one emoji.")
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(React(emoji))
        return f"You reacted with {emoji}."

    async def reply_to(self, quote: Quote, call: Context[Any, Any]) -> str:
        """Answer an earlier message."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            result = await turn.perform(ReplyTo(quote))
        return f"Your words will link to that message of {result.author}. Now speak."

    async def skip(self, call: Context[Any, Any], reason: Reason = "") -> str:
        """Say nothing in this turn."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(Skip(" ".join(reason.split())[:REASON_LIMIT]))
        return "You stay silent. End here, without any text."
