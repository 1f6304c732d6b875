"""The gateway over websockets: `Gateway` is what to use."""

from __future__ import annotations

from sandbox.discord.gateway.gateway import Gateway

__all__ = ["Gateway"]
