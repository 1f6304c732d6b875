"""Discord's state and rules in memory: no sockets, no HTTP. `World` is what to use."""

from __future__ import annotations

from sandbox.discord.world.world import World

__all__ = ["World"]
