"""Where discord.py finds Discord: the real one, a proxy, or a stand-in. Owns the redirection.

discord.py has no setting for this. Its REST root is a class attribute that every route reads, so
that one is set for the process; the gateway's address passes through one method of each client's
HTTP part, so that is wrapped for our client alone.
"""

from __future__ import annotations

from typing import Final

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

DEFAULT_API: Final = "https://discord.com/api/v10"


def point_rest_at(api_base: str) -> None:
    """Every REST call of discord.py in this process goes there from now on.

    Global, because interactions' answers build their routes without any client at hand.
    """
    Route.BASE = api_base.rstrip("/")


def point_gateway_at(client: discord.Client, url: str | None, api_base: str) -> None:
    """Every gateway connection of `client` goes to `url`; None: where the API says.

    READY names an address to resume at; behind a proxy that is the real Discord's, so `url` goes
    before it. Without `url`, only the built-in address is replaced, which discord.py falls back to
    after an invalid session: on another API it would be the wrong Discord.
    """
    http = client.http
    connect, ask = http.ws_connect, http.get_bot_gateway
    fixed = yarl.URL(url) if url else None
    told: list[yarl.URL] = []

    async def get_bot_gateway() -> object:
        answer = await ask()
        told[:] = [yarl.URL(answer[1])]
        return answer

    async def ws_connect(address: str, *, compress: int = 0) -> object:
        target = yarl.URL(address)
        if fixed is not None:
            target = fixed.with_query(target.query)
        elif target.host == DiscordWebSocket.DEFAULT_GATEWAY.host and api_base != DEFAULT_API:
            target = (told[0] if told else target).with_query(target.query)
        return await connect(str(target), compress=compress)

    # On the instance: another client in this process keeps its own way.
    http.get_bot_gateway = get_bot_gateway  # type: ignore[method-assign,assignment]
    http.ws_connect = ws_connect  # type: ignore[method-assign,assignment]
