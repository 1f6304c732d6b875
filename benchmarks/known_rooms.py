"""Prepares known rooms: writes them to the store with the bot's own code."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.room import Place, Room
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.embedded import EmbeddedServer
from sandbox.discord.world.model import Channel
from sandbox.house import House


async def know(home: House, channels: Sequence[Channel]) -> None:
    """Write a cast for each channel while the bot is stopped."""
    async with EmbeddedServer(home.folder / "data") as server, Store(server.url) as store:
        casts = RedisCasts(store)
        for channel in channels:
            room = Room(channel.id, Place.CHANNEL, home.guild.id, name=channel.name)
            await casts.add(room, "mira")
