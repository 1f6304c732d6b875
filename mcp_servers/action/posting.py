"""poll, open_thread, pin, send_file, whisper: posts other than the answer itself."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from bot.action_refusals import FILE_EMPTY, THREAD_NEEDS_NAME, FileTooLong
from bot.domain import action_arguments as arguments
from bot.domain.action_arguments import FILE_LIMIT, THREAD_NAME_LIMIT
from bot.domain.actions import OpenThread, Pin, SendFile, StartPoll, Whisper
from bot.domain.enclosing import Enclosure
from bot.errors import RefusedError
from mcp_servers.ports import RoomAccess
from mcp_servers.toolbox import action_tool, plainly

Several = Annotated[bool, Field(description="One may choose several")]
FileName = Annotated[str, Field(description="Such as notes.md")]
Pinned = Annotated[str, Field(description="Some words of another message than the one you answer")]


class PostingTools:
    """The tools of this file, each with its function."""

    def __init__(self, rooms: RoomAccess) -> None:
        self._rooms = rooms

    def tools(self) -> list[Tool]:
        """Return the tools in the order in which models read them."""
        return [
            action_tool(
                StartPoll,
                self.poll,
                title="Start a poll",
                description="Put a question with 2 to 10 answers to the vote.",
            ),
            action_tool(
                OpenThread,
                self.open_thread,
                title="Open a thread",
                description="Open a thread at the message you are answering.",
            ),
            action_tool(
                Pin,
                self.pin,
                title="Pin a message",
                description="Pin a message in the channel.",
            ),
            action_tool(
                SendFile,
                self.send_file,
                title="Send a file",
                description="Send a text as a file.",
            ),
            action_tool(
                Whisper,
                self.whisper,
                title="Whisper",
                description="Tell the one you answer what nobody else may read. "
                "Works only after /say.",
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
        """Put a question to the vote."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            poll = arguments.poll(question, answers, hours, several=several)
            await turn.perform(StartPoll(poll))
        return "The poll is in the room."

    async def open_thread(self, name: str, call: Context[Any, Any]) -> str:
        """Open a thread."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            name = arguments.one_line(name)[:THREAD_NAME_LIMIT].strip()
            if not name:
                raise RefusedError(THREAD_NEEDS_NAME)
            await turn.perform(OpenThread(name))
        return f"The thread “{name}” is open. You hear what is said there; now answer here."

    async def pin(self, call: Context[Any, Any], quote: Pinned = "") -> str:
        """Pin a message."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(Pin(quote.strip()))
        return "It is pinned."

    async def send_file(self, name: FileName, text: str, call: Context[Any, Any]) -> str:
        """Send a file."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            if not text.strip():
                raise RefusedError(FILE_EMPTY)
            if len(text) > FILE_LIMIT:
                raise RefusedError(FileTooLong(FILE_LIMIT))
            file = Enclosure(arguments.file_name(name), text)
            await turn.perform(SendFile(file))
        return f"{file.name} is in the room."

    async def whisper(self, text: str, call: Context[Any, Any]) -> str:
        """Tell the asker something that nobody else can read."""
        turn = self._rooms.running_turn(call)
        with plainly(turn.seat):
            await turn.perform(Whisper(text))
        return "Only they can read it. What you write now, everyone reads; or skip."
