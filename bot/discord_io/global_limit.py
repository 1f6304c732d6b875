"""Discord's limit for everything at once, where the request that sleeps it off is cancelled.

discord.py (2.7, `HTTPClient.request`) stops all requests at such a 429 and lets them go on when the
one that met it has slept long enough. Cancelled meanwhile, as typing is when an answer is there, it
never says so: from then on the bot could neither read nor write. Owns that one moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from discord.http import HTTPClient

P = ParamSpec("P")
T = TypeVar("T")


def outlive_cancellation(http: HTTPClient) -> None:
    """Have every request of `http` that is cancelled let the others go on.

    Where the limit still holds, the next one of them is told so again, and sleeps.
    """
    http.request = _telling(http, http.request)  # type: ignore[method-assign]


def _telling(
    http: HTTPClient, request: Callable[P, Coroutine[Any, Any, T]]
) -> Callable[P, Coroutine[Any, Any, T]]:
    async def told(*args: P.args, **more: P.kwargs) -> T:
        try:
            return await request(*args, **more)
        except asyncio.CancelledError:
            http._global_over.set()  # noqa: SLF001 nobody else would
            raise

    return told
