"""Commands answer in time: Discord gives three seconds, a store that hangs may take longer to fail.

Whatever a command awaits before its first answer goes in here, or is awaited after a `defer`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.errors import StoreUnavailableError

# The last of the three seconds is for the way to Discord.
SECONDS: Final = 2.0


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Bound what is awaited in it. Raises `StoreUnavailableError` when that takes too long.

    What was begun may still happen: it has to be safe to repeat.
    """
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError as late:
        raise StoreUnavailableError(f"the store did not answer within {SECONDS:g} s") from late
