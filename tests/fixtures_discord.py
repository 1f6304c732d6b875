"""A Discord on this machine for any test, and discord.py pointed at it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yarl

from bot.tasks import Tasks
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.model import Application, Channel, Guild, User

with warnings.catch_warnings():
    # discord.player imports audioop, which Python 3.11 and 3.12 warn about.
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord
    from discord.gateway import DiscordWebSocket

REPOSITORY = Path(__file__).parents[1]


def openapi_path() -> Path | None:
    """Discord's description where it is at hand: `DISCORD_OPENAPI`, or beside the repository."""
    named = os.environ.get("DISCORD_OPENAPI")
    beside = REPOSITORY.parent / "shared" / "discord-api" / "openapi.json"
    path = Path(named) if named else beside
    return path if path.is_file() else None


@contextlib.contextmanager
def redirected(server: DiscordServer) -> Iterator[None]:
    """discord.py talks to `server` inside, and to Discord again after."""
    base, gateway = discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = server.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@contextlib.asynccontextmanager
async def connected(client: discord.Client, token: str) -> AsyncIterator[None]:
    """Log `client` in, wait until it is ready, and close it after."""
    async with Tasks("client") as tasks, client:
        await client.login(token)
        running = tasks.start("connect", client.connect())
        ready = tasks.start("ready", client.wait_until_ready())
        await asyncio.wait({running, ready}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        assert ready.done(), "not ready within ten seconds"
        yield
        await client.close()
        await asyncio.wait({running}, timeout=5)


@dataclass(frozen=True, slots=True)
class Inn:
    """A guild with two people, a bot and a channel."""

    server: DiscordServer
    ada: User
    bob: User
    application: Application
    guild: Guild
    lobby: Channel


def build_inn(server: DiscordServer) -> Inn:
    """Ada owns the guild, Bob is a member, the bot is installed with its usual permissions."""
    world = server.world
    ada = world.add_user("ada", display="Ada")
    bob = world.add_user("bob", display="Bob")
    application = world.add_application("Troupe", owner=ada)
    guild = world.add_guild("The Inn", ada)
    world.add_member(guild, bob)
    lobby = world.add_channel(guild, "lobby")
    world.install(application, guild)
    return Inn(server, ada, bob, application, guild, lobby)


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A server without limits; at the end no bot request may have broken Discord's description."""
    async with DiscordServer(openapi=openapi_path(), limits=Limits.off()) as server:
        with redirected(server):
            yield server
        assert not server.record.violations, server.record.violations
        assert not server.record.failures, server.record.failures


@pytest.fixture
def inn(discord_server: DiscordServer) -> Inn:
    """See `build_inn`."""
    return build_inn(discord_server)
