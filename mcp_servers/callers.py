"""Who calls a tool, and how that is found out: from an HTTP request, or said by whoever calls.

Owns the one rule by which a call finds its room: the bearer of a living app-server, and a thread
that runs in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from starlette.requests import Request

from mcp_servers.ports import FindScene, Scene
from mcp_servers.toolbox import plainly

ID_LIMIT = 200
# Where the bearer of a request is kept for the call that it makes.
BEARER_SCOPE = "troupe.bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """The process that calls, and what it calls for."""

    bearer: str = field(repr=False)
    thread_id: str | None
    """The Codex thread; None where the caller names none that can be one."""
    turn_id: str | None = None
    """The Codex turn; None where the caller names none."""


class DirectCall(Context[Any, Any]):
    """The context of a call that came over no MCP: it knows its caller, and nothing else."""

    _caller: Caller

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return self._caller


class RoomsByThread:
    """Finds the scene of a call by its bearer and its thread."""

    def __init__(self, find: FindScene) -> None:
        self._find = find

    def scene(self, call: Context[Any, Any]) -> Scene:
        """The scene; `ToolError` for a thread that this process does not run."""
        caller = caller_of(call)
        with plainly():
            scene = (
                self._find(caller.bearer, caller.thread_id, caller.turn_id)
                if caller.thread_id
                else None
            )
        if scene is None:
            raise ToolError("You are in no room that this could be done in.")
        return scene


def caller_of(call: Context[Any, Any]) -> Caller:
    """Who makes this call."""
    if isinstance(call, DirectCall):
        return call.caller
    bearer: str = cast("Request", call.request_context.request).scope[BEARER_SCOPE]
    meta = call.request_context.meta
    return Caller(bearer, thread_of(meta), turn_of(meta))


def thread_of(meta: Mapping[str, Any] | None) -> str | None:
    """The Codex thread that a call comes from.

    Codex 0.163 sends `threadId`, and the same again within `x-codex-turn-metadata`.
    """
    if meta is None:
        return None
    for thread in (meta.get("threadId"), _turn_metadata(meta).get("thread_id")):
        if (known := known_id(thread)) is not None:
            return known
    return None


def turn_of(meta: Mapping[str, Any] | None) -> str | None:
    """The Codex turn that a call comes from; None where it is not said."""
    return known_id(_turn_metadata(meta or {}).get("turn_id"))


def known_id(value: object) -> str | None:
    """`value` if it can be an id of Codex's."""
    return value if isinstance(value, str) and 0 < len(value) <= ID_LIMIT else None


def _turn_metadata(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = meta.get("x-codex-turn-metadata")
    if isinstance(turn, str):
        try:
            turn = json.loads(turn)
        except ValueError:
            return {}
    return turn if isinstance(turn, Mapping) else {}
