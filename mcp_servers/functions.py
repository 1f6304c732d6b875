"""The servers' tools as plain functions, for models that are reached without MCP.

Definition, validation and the way to a room are the same as over MCP. Owns the differences: the
caller is given with the call, where HTTP reads it from the request; arguments that are too large or
no object are refused here, where HTTP refuses them before a server sees them.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool

from bot.domain.tool_calls import ToolAnswer, ToolCall, ToolSpec
from mcp_servers.bearers import Bearers
from mcp_servers.callers import Caller, DirectCall, known_id

log = logging.getLogger(__name__)

# Characters of JSON: the limit for a body over HTTP (`http.BODY_LIMIT`).
ARGUMENTS_LIMIT = 256 * 1024


class Functions:
    """The tools of some servers, for the processes in `bearers`."""

    def __init__(self, tools: Iterable[Tool], bearers: Bearers) -> None:
        self._bearers = bearers
        self._tools = {tool.name: tool for tool in tools}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Names, descriptions and schemas that a model reads, in the order of the tools."""
        return tuple(
            ToolSpec(tool.name, tool.description, tool.parameters) for tool in self._tools.values()
        )

    @property
    def version(self) -> str:
        """A hash of everything that a model reads of the tools."""
        read = [[spec.name, spec.description, spec.parameters] for spec in self.specs]
        return hashlib.sha256(json.dumps(read).encode()).hexdigest()[:12]

    async def call(self, bearer: str, call: ToolCall) -> ToolAnswer:
        """Run a tool for the process with that bearer. A refusal is an answer too."""
        if self._bearers.process(bearer) is None:
            return ToolAnswer("This process may use no tools.", success=False)
        tool = self._tools.get(call.name)
        if tool is None:
            return ToolAnswer(f"Unknown tool: {call.name[:100]}", success=False)
        if not isinstance(call.arguments, dict):
            return ToolAnswer("The arguments must be a JSON object.", success=False)
        if len(json.dumps(call.arguments)) > ARGUMENTS_LIMIT:
            return ToolAnswer("The arguments are too long.", success=False)
        caller = Caller(bearer, known_id(call.thread_id), known_id(call.turn_id))
        return await _run(tool, call.arguments, DirectCall(caller))


async def _run(tool: Tool, arguments: dict[str, Any], context: DirectCall) -> ToolAnswer:
    """Answer as the SDK's handler does over MCP: a refusal's text, no text for a fault of ours."""
    try:
        text = await tool.run(arguments, context)
    except UnexpectedToolError as error:
        log.exception("the tool %s failed", tool.name)
        return ToolAnswer(str(error), success=False)
    except ToolError as error:
        log.info("the tool %s refused: %r", tool.name, str(error))
        return ToolAnswer(str(error), success=False)
    return ToolAnswer(text)
