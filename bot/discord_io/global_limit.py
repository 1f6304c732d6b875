"""Workaround for discord.py's global rate limit when the waiting request is cancelled.

At a global 429, discord.py (2.7, `HTTPClient.request`) blocks all requests until the request that
received the 429 has slept. If that request is cancelled meanwhile, as typing is when an answer
arrives, discord.py never unblocks the others: the bot can neither read nor write any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from discord.http import HTTPClient

P = ParamSpec("P")
T = TypeVar("T")


def outlive_cancellation(http: HTTPClient) -> None:
    """Make every cancelled request of `http` unblock the other requests.

    If the limit still applies, the next request receives another 429 and sleeps.
    """
    http.request = _unblocking(http, http.request)  # type: ignore[method-assign]


def _unblocking(
    http: HTTPClient, request: Callable[P, Coroutine[Any, Any, T]]
) -> Callable[P, Coroutine[Any, Any, T]]:
    async def unblocking_request(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await request(*args, **kwargs)
        except asyncio.CancelledError:
            http._global_over.set()  # noqa: SLF001 discord.py does not set it
            raise

    return unblocking_request
