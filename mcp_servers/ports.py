"""What the tools need of a room. Protocols and plain values only, no logic.

`RoomAccess` is `callers.RoomsByThread` inside the bot and `stdio.NoRoom` outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mcp.server.mcpserver import Context

from bot.domain.actions import Poll
from bot.domain.enclosing import Enclosure
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

    async def reply_to(self, quote: str) -> str:
        """Answer the newest message with these words; gives the name of who said it."""
        ...

    async def poll(self, poll: Poll) -> None:
        """Put a question to the vote."""
        ...

    async def open_thread(self, name: str) -> None:
        """Open a thread at the message being answered."""
        ...

    async def pin(self, quote: str) -> None:
        """Pin the newest message with these words; the one being answered when there are none."""
        ...

    async def send_file(self, file: Enclosure) -> None:
        """Send a file."""
        ...

    async def whisper(self, text: str) -> None:
        """Say something that only the person being answered can read."""
        ...

    async def set_status(self, text: str) -> None:
        """Say what the character is doing; empty: nothing."""
        ...

    async def set_mood(self, name: str) -> None:
        """Wear the face of that mood; empty: its usual one."""
        ...

    async def guidelines(self) -> Guidelines:
        """The rules that hold here, as they are now."""
        ...


class RoomAccess(Protocol):
    """How a tool call finds the scene that it acts on."""

    def scene(self, call: Context[Any, Any]) -> Scene:
        """The scene of this very call. Raises `ToolError` when it has none."""
        ...


FindScene = Callable[[str, str, str | None], Scene | None]
"""(bearer, Codex thread id, Codex turn id) → the scene; None unless the thread is that process's.

The turn id is None where the caller names none. May raise `RefusedError`, such as for a turn that
is over.
"""
