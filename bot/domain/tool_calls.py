"""A tool as a model reads it, a call of it, and the answer: plain values between two floors.

What the tools do is in `mcp_servers`; how they reach a model without MCP is `bot.codex`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model reads of a tool."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of an object."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model made in a turn of Codex."""

    thread_id: str
    turn_id: str
    name: str
    arguments: object
    """Parsed JSON as the model wrote it, not yet held against the tool's schema."""


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What the model reads of a call that was made."""

    text: str
    success: bool = True


ServeTool: TypeAlias = Callable[[ToolCall], Awaitable[ToolAnswer]]
"""Makes a call. Refusals are answers; an exception is a fault of ours."""
