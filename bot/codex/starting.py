"""How an app-server is started: the very first one alone, and once more when chance ended it.

Owns the order and the tries. What is started, and who waits for it, is the pool's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_any,
    wait_random_exponential,
)

from bot.codex.failures import is_by_chance
from bot.codex.instance import Instance

# How long others wait for the first start of all, should it hang, in seconds.
FIRST_SECONDS = 3.0
# How often one that is killed at its start, or hangs, is started before those who wait are told;
# after what pause at first, and until when, in seconds: two that hang are enough.
STARTS = 3
START_AGAIN = 0.2
START_AGAIN_WITHIN = 30.0

Spawn = Callable[[], Awaitable[Instance]]
"""Starts one process and shakes hands with it."""


class Starting:
    """The starts of one pool."""

    def __init__(self) -> None:
        self._first: asyncio.Event | None = None

    async def start(self, spawn: Spawn) -> Instance:
        """Start one, and again if it ends at once for no reason of its own; raises the last."""
        starting = AsyncRetrying(
            retry=retry_if_exception(is_by_chance),
            wait=wait_random_exponential(multiplier=START_AGAIN, max=1.0),
            stop=stop_any(stop_after_attempt(STARTS), stop_after_delay(START_AGAIN_WITHIN)),
            reraise=True,
        )
        return await starting(self._in_order, spawn)

    async def _in_order(self, spawn: Spawn) -> Instance:
        """The very first one goes alone: it makes Codex's database in a fresh home."""
        if self._first is None:
            self._first = asyncio.Event()
            try:
                return await spawn()
            finally:
                self._first.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                await self._first.wait()
        return await spawn()
