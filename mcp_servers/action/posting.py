"""poll, open_thread, pin, send_file, whisper: what a character puts into a room besides words."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from bot.domain import actions
from bot.domain.actions import FILE_LIMIT, THREAD_NAME_LIMIT
from bot.domain.enclosing import Enclosure
from bot.errors import RefusedError
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import plainly, tool

Several = Annotated[bool, Field(description="One may choose several")]
FileName = Annotated[str, Field(description="Such as notes.md")]
Pinned = Annotated[str, Field(description="Some words of another message than the one you answer")]


class PostingTools:
    """The tools' own work."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    def tools(self) -> list[Tool]:
        """As they are served."""
        return [
            tool(
                self.poll,
                title="Start a poll",
                description="Put a question with 2 to 10 answers to the vote.",
                reads_only=False,
                repeatable=False,
            ),
            tool(
                self.open_thread,
                title="Open a thread",
                description="Open a thread at the message you are answering.",
                reads_only=False,
                repeatable=False,
            ),
            tool(
                self.pin,
                title="Pin a message",
                description="Pin a message in the channel.",
                reads_only=False,
                repeatable=True,
            ),
            tool(
                self.send_file,
                title="Send a file",
                description="Send a text as a file.",
                reads_only=False,
                repeatable=False,
            ),
            tool(
                self.whisper,
                title="Whisper",
                description="Tell the one you answer what nobody else may read. "
                "Works only after /say.",
                reads_only=False,
                repeatable=False,
            ),
        ]

    async def poll(
        self,
        question: str,
        answers: list[str],
        call: Context[Any, Any],
        hours: int = 24,
        several: Several = False,
    ) -> str:
        """Put a question to the room."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.poll(actions.poll(question, answers, hours, several=several))
        return "The poll is in the room."

    async def open_thread(self, name: str, call: Context[Any, Any]) -> str:
        """Open a thread."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            name = actions.one_line(name)[:THREAD_NAME_LIMIT].strip()
            if not name:
                raise RefusedError("A thread needs a name.")
            await scene.open_thread(name)
        return f"The thread “{name}” is open. You hear what is said there; now answer here."

    async def pin(self, call: Context[Any, Any], quote: Pinned = "") -> str:
        """Pin a message."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.pin(quote.strip())
        return "It is pinned."

    async def send_file(self, name: FileName, text: str, call: Context[Any, Any]) -> str:
        """Send a file."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            if not text.strip():
                raise RefusedError("The file would be empty.")
            if len(text) > FILE_LIMIT:
                raise RefusedError(f"A file has {FILE_LIMIT:,} characters at most.")
            file = Enclosure(actions.file_name(name), text)
            await scene.send_file(file)
        return f"{file.name} is in the room."

    async def whisper(self, text: str, call: Context[Any, Any]) -> str:
        """Say something to one person alone."""
        scene = self._rooms.scene(call)
        with plainly(scene.seat):
            await scene.whisper(text)
        return "Only they can read it. What you write now, everyone reads; or skip."
