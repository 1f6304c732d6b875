"""The servers over stdio, for any MCP client: there is no room, and the tools say so.

Owns the common part of the command lines and the running turn outside the bot.
"""

from __future__ import annotations

import signal
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer

from bot import log
from bot.action_refusals import OnlyInsideTheBot
from bot.domain.actions import Action, ActionResult
from bot.domain.room import Seat
from bot.errors import RefusedError
from mcp_servers.ports import Guidelines


class NoRoom:
    """The running turn outside the bot: its rules can be read, but it has no room to act in."""

    def __init__(self, rules: Guidelines | None = None) -> None:
        self._rules = rules or Guidelines()

    @property
    def seat(self) -> Seat | None:
        """None: no character sits anywhere."""
        return None

    def running_turn(self, call: Context[Any, Any]) -> NoRoom:  # noqa: ARG002 the same for each call
        """Return this object for every call."""
        return self

    async def perform(self, action: Action) -> ActionResult:
        """Refuse every action."""
        raise RefusedError(OnlyInsideTheBot(action.label))

    async def guidelines(self) -> Guidelines:
        """Return the rules that were given at start."""
        return self._rules


def serve(server: MCPServer[Any]) -> None:
    """Serve on stdin and stdout until the client closes them, or Ctrl-C."""
    log.set_up("WARNING", "text", log.Redactor())
    # Python's own exit would wait for the OS thread that reads stdin; nothing needs closing here.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(server.run_stdio_async)
