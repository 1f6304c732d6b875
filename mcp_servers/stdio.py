"""The servers over stdio, for any MCP client: there is no room, and the tools say so.

Owns the command lines' common part and the scene outside the bot.
"""

from __future__ import annotations

import signal
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer

from bot import log
from bot.domain.actions import Poll
from bot.domain.enclosing import Enclosure
from bot.domain.room import Seat
from bot.errors import RefusedError
from mcp_servers.ports import Guidelines


class NoRoom:
    """The scene outside the bot: rules can be read, but nobody is there to do anything with."""

    def __init__(self, rules: Guidelines | None = None) -> None:
        self._rules = rules or Guidelines()

    @property
    def seat(self) -> Seat | None:
        """Nobody's."""
        return None

    def scene(self, call: Context[Any, Any]) -> NoRoom:  # noqa: ARG002 every call's is the same
        """The one scene there is."""
        return self

    async def react(self, emoji: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: there is no message."""
        raise _no_room("Reacting")

    async def skip(self, reason: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody waits for an answer."""
        raise _no_room("Skipping")

    async def reply_to(self, quote: str) -> str:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody has said anything."""
        raise _no_room("Replying")

    async def poll(self, poll: Poll) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody could vote."""
        raise _no_room("A poll")

    async def open_thread(self, name: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: there is no channel."""
        raise _no_room("Opening a thread")

    async def pin(self, quote: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: there is no message."""
        raise _no_room("Pinning")

    async def send_file(self, file: Enclosure) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: there is nowhere to send it to."""
        raise _no_room("Sending a file")

    async def whisper(self, text: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody is there."""
        raise _no_room("Whispering")

    async def set_status(self, text: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody would see it."""
        raise _no_room("A status")

    async def set_mood(self, name: str) -> None:  # noqa: ARG002 refused, whatever it is
        """Refuse: nobody would see it."""
        raise _no_room("A mood")

    async def guidelines(self) -> Guidelines:
        """The rules that were given at start."""
        return self._rules


def _no_room(what: str) -> RefusedError:
    return RefusedError(f"{what} works only inside the bot: there is no room here.")


def serve(server: MCPServer[Any]) -> None:
    """Serve on stdin and stdout until the client closes them, or Ctrl-C."""
    log.set_up("WARNING", "text", log.Redactor())
    # Python's own way out would wait for the thread that reads stdin; nothing needs closing here.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(server.run_stdio_async)
