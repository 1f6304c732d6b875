"""Workaround for discord.py at error 30046: an old message was edited too often.

discord.py treats every 429 as a rate limit of the route, and delays all edits of the channel for as
long as it asks. Error 30046 is a limit of a single message, so here it fails the request at once,
as in `webhook_api`.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Final

import aiohttp

from bot.errors import DiscordDownError

# The code of a 429 for too many edits of an old message; the route is not limited.
OLD_MESSAGE: Final = 30046


def watch() -> aiohttp.TraceConfig:
    """Return a trace config that raises on error 30046, for discord.py's `http_trace`."""
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_raise_for_old_message)
    return config


def too_often() -> DiscordDownError:
    """Return the error for code 30046, which is transient: a later edit succeeds."""
    return DiscordDownError(429, "an old message was edited too often")


async def _raise_for_old_message(
    session: aiohttp.ClientSession,  # noqa: ARG001 aiohttp passes three arguments
    context: SimpleNamespace,  # noqa: ARG001
    params: aiohttp.TraceRequestEndParams,
) -> None:
    if params.response.status == 429 and _code(await params.response.read()) == OLD_MESSAGE:
        raise too_often()


def _code(raw: bytes) -> object:
    try:
        data = json.loads(raw)
    except ValueError:
        return None  # an HTML page from a proxy
    return data.get("code") if isinstance(data, dict) else None
