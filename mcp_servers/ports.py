"""What the tools need of a room. Protocols and plain values only, no logic.

`RoomAccess` is `http.RoomsByThread` inside the bot and `stdio.NoRoom` outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mcp.server.mcpserver import Context

from bot.domain.room import Seat


@dataclass(frozen=True, slots=True)
class Guidelines:
    """Rules as Markdown: the guild's, and the character's own. Empty where there are none."""

    guild: str = ""
    character: str = ""


class Scene(Protocol):
    """One seat in the turn that it is taking: what a tool call acts on.

    Each method may raise `RefusedError` or `DeliveryError`; the model reads its text.
    """

    @property
    def seat(self) -> Seat | None:
        """Whose turn it is; None where there is no room."""
        ...

    async def react(self, emoji: str) -> None:
        """Put `emoji` under the message being answered."""
        ...

    async def skip(self, reason: str) -> None:
        """Say nothing this time; `reason` (may be empty) is for the record of decisions."""
        ...

    async def guidelines(self) -> Guidelines:
        """The rules that hold here, as they are now."""
        ...


class RoomAccess(Protocol):
    """How a tool call finds the scene that it acts on."""

    def scene(self, call: Context[Any, Any]) -> Scene:
        """The scene of this very call. Raises `ToolError` when it has none."""
        ...


FindScene = Callable[[str, str], Scene | None]
"""(bearer, Codex thread id) → the scene; None unless the thread is that process's own.

May raise `RefusedError`, such as for a turn that is over.
"""
