"""A timeout for what a command awaits before its first answer.

Discord gives three seconds for the first answer, and a hanging store may take longer to fail. A
command either awaits the store inside `in_time`, or defers first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.errors import StoreUnavailableError

# Leaves one of Discord's three seconds for the request itself.
SECONDS: Final = 2.0


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Time out the block after `SECONDS`. Raises `StoreUnavailableError` then.

    A write may still have happened, so it must be idempotent.
    """
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError as late:
        raise StoreUnavailableError(f"the store did not answer within {SECONDS:g} s") from late
