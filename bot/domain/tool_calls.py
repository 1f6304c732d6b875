"""Tool specifications, tool calls and their answers: plain values shared by several layers.

`mcp_servers` implements the tools; `bot.codex` offers them to models without MCP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool's description for the model."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of the arguments, an object."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that a model made in a Codex turn."""

    thread_id: str
    turn_id: str
    name: str
    arguments: object
    """Parsed JSON from the model, not yet validated against the tool's schema."""


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The result of a tool call for the model."""

    text: str
    success: bool = True


ServeTool: TypeAlias = Callable[[ToolCall], Awaitable[ToolAnswer]]
"""Performs a tool call. Returns refusals as answers; an exception is a bug."""
