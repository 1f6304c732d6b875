"""What the tools need of a room. Protocols and plain values only, no logic.

`RoomAccess` is `callers.RoomsByThread` inside the bot and `stdio.NoRoom` outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mcp.server.mcpserver import Context

from bot.domain.actions import Action, ActionResult
from bot.domain.room import Seat


@dataclass(frozen=True, slots=True)
class Guidelines:
    """Rules as Markdown; empty where there are none."""

    guild: str = ""
    character: str = ""


class RunningTurn(Protocol):
    """The turn of one seat that a tool call acts on.

    Each method may raise `RefusedError` or `DeliveryError`; the model reads its text.
    """

    @property
    def seat(self) -> Seat | None:
        """The seat whose turn is running; None where there is no room."""
        ...

    async def perform(self, action: Action) -> ActionResult:
        """Take the action in the turn's room."""
        ...

    async def guidelines(self) -> Guidelines:
        """Return the rules that hold in the room now."""
        ...


class RoomAccess(Protocol):
    """Finds the running turn that a tool call acts on."""

    def running_turn(self, call: Context[Any, Any]) -> RunningTurn:
        """Return the running turn of this call. Raises `ToolError` when there is none."""
        ...


FindTurn = Callable[[str, str, str | None], RunningTurn | None]
"""(bearer, Codex thread id, Codex turn id) → the running turn.

None unless the bearer's process runs the Codex thread. The turn id is None where the caller names
none. May raise `RefusedError`, such as for a turn that is over.
"""
