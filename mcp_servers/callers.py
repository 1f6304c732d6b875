"""Who calls a tool: read from the HTTP request, or given with a direct call.

Owns the one rule by which a call finds its running turn: the bearer of a running app-server and a
Codex thread of that app-server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from starlette.requests import Request

from mcp_servers.ports import FindTurn, RunningTurn
from mcp_servers.toolbox import plainly

ID_LIMIT = 200
# Key of the bearer in the ASGI scope of a request.
BEARER_SCOPE = "troupe.bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """The process that calls a tool, with the Codex thread and turn of the call."""

    bearer: str = field(repr=False)
    thread_id: str | None
    """The Codex thread; None where the caller gives no valid id."""
    turn_id: str | None = None
    """The Codex turn; None where the caller gives no valid id."""


class DirectCall(Context[Any, Any]):
    """The context of a call outside MCP: knows its caller only."""

    _caller: Caller

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """The process that calls."""
        return self._caller


class RoomsByThread:
    """Finds the running turn of a call by its bearer and its Codex thread."""

    def __init__(self, find: FindTurn) -> None:
        self._find = find

    def running_turn(self, call: Context[Any, Any]) -> RunningTurn:
        """Return the running turn; raise `ToolError` if the Codex thread is not the process's."""
        caller = caller_of(call)
        with plainly():
            turn = (
                self._find(caller.bearer, caller.thread_id, caller.turn_id)
                if caller.thread_id
                else None
            )
        if turn is None:
            raise ToolError("You are in no room that this could be done in.")
        return turn


def caller_of(call: Context[Any, Any]) -> Caller:
    """Return the caller, from a direct call or from the HTTP request."""
    if isinstance(call, DirectCall):
        return call.caller
    bearer: str = cast("Request", call.request_context.request).scope[BEARER_SCOPE]
    meta = call.request_context.meta
    return Caller(bearer, thread_of(meta), turn_of(meta))


def thread_of(meta: Mapping[str, Any] | None) -> str | None:
    """Return the Codex thread that a call comes from.

    Codex 0.163 sends `threadId`, and repeats it within `x-codex-turn-metadata`.
    """
    if meta is None:
        return None
    for thread in (meta.get("threadId"), _turn_metadata(meta).get("thread_id")):
        if (known := known_id(thread)) is not None:
            return known
    return None


def turn_of(meta: Mapping[str, Any] | None) -> str | None:
    """Return the Codex turn that a call comes from; None where the request names none."""
    return known_id(_turn_metadata(meta or {}).get("turn_id"))


def known_id(value: object) -> str | None:
    """Return `value` if it can be a Codex id, otherwise None."""
    return value if isinstance(value, str) and 0 < len(value) <= ID_LIMIT else None


def _turn_metadata(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = meta.get("x-codex-turn-metadata")
    if isinstance(turn, str):
        try:
            turn = json.loads(turn)
        except ValueError:
            return {}
    return turn if isinstance(turn, Mapping) else {}
