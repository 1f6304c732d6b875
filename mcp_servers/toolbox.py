"""How a function becomes a tool: small schema, plain errors, text only.

Every request to the model carries every tool, so each byte of a schema is paid for again and
again: the titles that pydantic writes beside each property say nothing new and are removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations

from bot import log
from bot.domain.actions import BaseAction
from bot.domain.room import Seat
from bot.errors import DeliveryError, RefusedError
from bot.messages.rendering import for_model


def action_tool(
    kind: type[BaseAction], function: Callable[..., Any], *, title: str, description: str
) -> Tool:
    """Return `function` as the tool that takes actions of this kind."""
    return tool(
        function,
        name=kind.name,
        title=title,
        description=description,
        reads_only=False,
        idempotent=kind.idempotent,
    )


def tool(
    function: Callable[..., Any],
    *,
    title: str,
    description: str,
    reads_only: bool,
    idempotent: bool,
    name: str | None = None,
) -> Tool:
    """Return `function` as a tool; `name` None means the function's own name.

    None of the bot's tools destroys anything or reaches beyond the room that it is called in.
    """
    made = Tool.from_function(
        function,
        name=name,
        title=title,
        description=description,
        annotations=ToolAnnotations(
            read_only_hint=reads_only,
            destructive_hint=False,
            idempotent_hint=idempotent,
            open_world_hint=False,
        ),
        structured_output=False,  # with it, every result is sent twice
    )
    return made.model_copy(update={"parameters": _lean(made.parameters)})


def server(name: str, title: str, tools: list[Tool]) -> MCPServer[Any]:
    """Return an MCP server of just these tools."""
    # The SDK sets up an unset root logger: WARNING keeps a stdio client's stderr quiet.
    return MCPServer(name, title=title, tools=tools, subscriptions=False, log_level="WARNING")


@contextmanager
def plainly(seat: Seat | None = None) -> Iterator[None]:
    """Turn errors meant for people into `ToolError`: the SDK withholds any other error's text.

    Log lines written inside carry the ids of `seat`.
    """
    ids: dict[str, str | int] = {"room": seat.room_id, "character": seat.character} if seat else {}
    try:
        with log.bound(**ids):
            yield
    except RefusedError as error:
        raise ToolError(for_model(error.refusal)) from error
    except DeliveryError as error:
        raise ToolError(str(error)) from error


def _lean(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove titles and empty defaults: an argument that is not required says as much."""
    properties = {
        name: {
            key: value
            for key, value in rule.items()
            if key != "title" and not (key == "default" and not value)
        }
        for name, rule in schema.get("properties", {}).items()
    }
    return {key: value for key, value in schema.items() if key != "title"} | {
        "properties": properties
    }
