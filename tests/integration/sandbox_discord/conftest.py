"""The fixtures of the Discord stand-in's own tests."""

from __future__ import annotations

from tests.fixtures_discord import discord_server, inn

__all__ = ["discord_server", "inn"]
