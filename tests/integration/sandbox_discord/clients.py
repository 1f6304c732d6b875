"""Clients for these tests: a discord.py bot that notes its events, and a person's own client."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from typing import Any, Self

import aiohttp

from tests.fixtures_discord import Inn, discord

INTENTS = discord.Intents.default() | discord.Intents(message_content=True)


class NotingBot(discord.Client):
    """Notes each event by name; `next` waits for one."""

    def __init__(self, intents: discord.Intents = INTENTS, **options: Any) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.tree = discord.app_commands.CommandTree(self)
        self.noted: dict[str, asyncio.Queue[tuple[Any, ...]]] = {}

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note, then go on as discord.py does."""
        super().dispatch(event, *args, **kwargs)
        if hasattr(self, "noted"):
            self.queue(event).put_nowait(args)

    def queue(self, event: str) -> asyncio.Queue[tuple[Any, ...]]:
        """What was noted of one event."""
        return self.noted.setdefault(event, asyncio.Queue())

    def place(self, channel_id: int) -> Any:
        """A channel that the client knows; its kind is the test's own affair."""
        found = self.get_channel(channel_id)
        assert found is not None
        return found

    def home(self, guild_id: int) -> discord.Guild:
        """A guild that the client knows."""
        found = self.get_guild(guild_id)
        assert found is not None
        return found

    async def next(
        self, event: str, fits: Callable[..., bool] = lambda *_: True, timeout: float = 20
    ) -> Any:
        """The next such event: its argument, or all of them when there are several."""
        async with asyncio.timeout(timeout):
            while True:
                args = await self.queue(event).get()
                if fits(*args):
                    return args[0] if len(args) == 1 else args

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord wants five seconds between identifies; this server does not."""


class Person:
    """A person's client: REST with a person's token, and the gateway as Discord's own client."""

    def __init__(self, inn: Inn, token: str) -> None:
        self._inn = inn
        self._token = token
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        headers = {"Authorization": self._token}
        self._http = aiohttp.ClientSession(headers=headers)
        url = f"{self._inn.server.gateway_url}?v=10&encoding=json&compress=zlib-stream"
        self._socket = await self._http.ws_connect(url)
        self._stream = zlib.decompressobj()
        assert (await self._message())["op"] == 10
        await self._socket.send_json({"op": 2, "d": {"token": self._token, "properties": {}}})
        self.ready = await self.next("READY")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._http.close()

    async def _message(self) -> dict[str, Any]:
        frame = await self._socket.receive(timeout=20)
        assert frame.type is aiohttp.WSMsgType.BINARY, frame
        message: dict[str, Any] = json.loads(self._stream.decompress(frame.data))
        return message

    async def next(
        self, name: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        """The next event of that name; those before it are kept in `events`."""
        async with asyncio.timeout(20):
            while True:
                message = await self._message()
                if message["op"] != 0:
                    continue
                self.events.append((message["t"], message["d"]))
                if message["t"] == name and fits(message["d"]):
                    return message["d"]

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON of a REST request."""
        async with self._http.request(method, self._inn.server.api_base + path, **options) as got:
            return got.status, None if got.status == 204 else await got.json()
