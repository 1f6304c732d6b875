"""The sender of an answer, opened before the first text arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from bot.discord_io.sender import Sender
from bot.errors import RoomGoneError

# Seconds that a turn waits for the sender before it asks the model: the room may be deleted.
OPENING: Final = 2.0


class OpenedSender:
    """Opens the sender once, and again after each `drop`."""

    def __init__(self, open_sender: Callable[[], Awaitable[Sender]]) -> None:
        self._open_sender = open_sender
        self._sender: Sender | None = None
        # Set after the first attempt, successful or not.
        self._tried = asyncio.Event()
        self._gone: RoomGoneError | None = None

    async def get(self) -> Sender:
        """Return the sender. Raises what `open_sender` raises."""
        if self._sender is None:
            try:
                self._sender = await self._open_sender()
            except RoomGoneError as gone:
                self._gone = gone
                raise
            finally:
                self._tried.set()
        return self._sender

    def drop(self) -> None:
        """Forget a sender whose webhook is lost; `get` opens another."""
        self._sender = None

    async def known(self) -> None:
        """Wait at most `OPENING` seconds for the first attempt. Raises `RoomGoneError`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._tried.wait()
        if self._gone is not None:
            raise RoomGoneError(str(self._gone))
