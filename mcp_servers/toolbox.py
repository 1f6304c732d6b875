"""How a function becomes a tool: small schema, plain errors, text only.

Every tool goes with every request to the model, so each byte of a schema is paid for again
and again: the titles that pydantic writes beside each property say nothing new and are cut.
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
from bot.domain.room import Seat
from bot.errors import DeliveryError, RefusedError
from bot.messages.rendering import for_model


def tool(
    function: Callable[..., Any],
    *,
    title: str,
    description: str,
    reads_only: bool,
    repeatable: bool,
) -> Tool:
    """`function` as a tool. `repeatable`: doing it twice is the same as doing it once.

    None of ours destroys anything or reaches beyond the room that it is called in.
    """
    made = Tool.from_function(
        function,
        title=title,
        description=description,
        annotations=ToolAnnotations(
            read_only_hint=reads_only,
            destructive_hint=False,
            idempotent_hint=repeatable,
            open_world_hint=False,
        ),
        structured_output=False,  # with it, every result is sent twice
    )
    return made.model_copy(update={"parameters": _lean(made.parameters)})


def server(name: str, title: str, tools: list[Tool]) -> MCPServer[Any]:
    """An MCP server of just these tools."""
    # It sets up the root logger when nobody has: WARNING keeps a stdio client's stderr quiet.
    return MCPServer(name, title=title, tools=tools, subscriptions=False, log_level="WARNING")


@contextmanager
def plainly(seat: Seat | None = None) -> Iterator[None]:
    """What a person may read, the model may read: the SDK withholds any other error's text.

    What is logged inside carries the ids of `seat`.
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
    """Without titles, and without defaults that are nothing: what is not required says as much."""
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
