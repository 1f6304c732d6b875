"""Points discord.py at Discord, a proxy, or a stand-in for tests.

discord.py has no setting for this. The REST root is a class attribute that every route reads, so it
is replaced for the whole process. The gateway URL passes through a method of each client's HTTP
client, which is wrapped for our client only.
"""

from __future__ import annotations

from typing import Final

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

DEFAULT_API: Final = "https://discord.com/api/v10"


def point_rest_at(api_base: str) -> None:
    """Send all REST calls of discord.py in this process to `api_base`.

    Global, because responses to interactions build their routes without a client.
    """
    Route.BASE = api_base.rstrip("/")


def point_gateway_at(client: discord.Client, url: str | None, api_base: str) -> None:
    """Connect `client` to the gateway at `url`, or for None, at the URL from the API.

    `url` also overrides the resume URL in READY, which behind a proxy is the real Discord's.
    Without `url`, only discord.py's built-in gateway URL is replaced: discord.py falls back to it
    after an invalid session, and with another API it would be the wrong gateway.
    """
    http = client.http
    connect, get_gateway = http.ws_connect, http.get_bot_gateway
    fixed = yarl.URL(url) if url else None
    from_api: list[yarl.URL] = []

    async def get_bot_gateway() -> object:
        answer = await get_gateway()
        from_api[:] = [yarl.URL(answer[1])]
        return answer

    async def ws_connect(address: str, *, compress: int = 0) -> object:
        target = yarl.URL(address)
        if fixed is not None:
            target = fixed.with_query(target.query)
        elif target.host == DiscordWebSocket.DEFAULT_GATEWAY.host and api_base != DEFAULT_API:
            target = (from_api[0] if from_api else target).with_query(target.query)
        return await connect(str(target), compress=compress)

    # Patched on the instance: other clients in this process are not affected.
    http.get_bot_gateway = get_bot_gateway  # type: ignore[method-assign,assignment]
    http.ws_connect = ws_connect  # type: ignore[method-assign,assignment]
