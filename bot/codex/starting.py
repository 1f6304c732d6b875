"""Starts app-servers: the first of all alone, and with retries after transient failures.

Owns the order and the retry policy of starts. The pool owns the slots and the waiters.
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

# How long later starts wait for the first one, which may hang, in seconds.
FIRST_SECONDS = 3.0
# The number of attempts, the first pause, and the seconds after which no further attempt is made:
# two attempts that hang are enough.
STARTS = 3
START_AGAIN = 0.2
START_AGAIN_WITHIN = 30.0

Spawn = Callable[[], Awaitable[Instance]]
"""Starts a process and does the handshake."""


class Starting:
    """The starts of one pool."""

    def __init__(self) -> None:
        self._first: asyncio.Event | None = None

    async def start(self, spawn: Spawn) -> Instance:
        """Start an app-server, with retries after transient failures; raises the last error."""
        starting = AsyncRetrying(
            retry=retry_if_exception(is_by_chance),
            wait=wait_random_exponential(multiplier=START_AGAIN, max=1.0),
            stop=stop_any(stop_after_attempt(STARTS), stop_after_delay(START_AGAIN_WITHIN)),
            reraise=True,
        )
        return await starting(self._in_order, spawn)

    async def _in_order(self, spawn: Spawn) -> Instance:
        """Spawn the first app-server alone, because it creates Codex's database in a new home."""
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
