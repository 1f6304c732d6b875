"""One refusal that discord.py would sleep through: an old message was edited too often (30046).

discord.py takes every 429 for a limit of the route and holds all edits of the channel up for as
long as it asks. This one is about a single message, so it ends the request at once, as it does for
webhooks (`webhook_api`). Owns the one look at discord.py's answers, and nothing else of them.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Final

import aiohttp

from bot.errors import DiscordDownError

# The code of a 429 that is about one old message, not about who writes.
OLD_MESSAGE: Final = 30046


def watch() -> aiohttp.TraceConfig:
    """For discord.py's client, as its `http_trace`."""
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_look)
    return config


def too_often() -> DiscordDownError:
    """The error for it: what is to be shown is tried again later."""
    return DiscordDownError(429, "an old message was edited too often")


async def _look(
    session: aiohttp.ClientSession,  # noqa: ARG001 aiohttp calls it with three
    context: SimpleNamespace,  # noqa: ARG001
    params: aiohttp.TraceRequestEndParams,
) -> None:
    if params.response.status == 429 and _code(await params.response.read()) == OLD_MESSAGE:
        raise too_often()


def _code(raw: bytes) -> object:
    try:
        data = json.loads(raw)
    except ValueError:
        return None  # a proxy's page of HTML
    return data.get("code") if isinstance(data, dict) else None
