"""One answer's voice, opened before the first words. Owns the wait for the result of opening."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from bot.discord_io.voice import Voice
from bot.errors import RoomGoneError

# For so many seconds nothing is asked of a model until its answer is known to have a place.
OPENING: Final = 2.0


class OpenedVoice:
    """Opens the voice once, and once more after each `drop`."""

    def __init__(self, open_voice: Callable[[], Awaitable[Voice]]) -> None:
        self._open_voice = open_voice
        self._voice: Voice | None = None
        self._tried = asyncio.Event()
        self._gone: RoomGoneError | None = None

    async def get(self) -> Voice:
        """The voice. Raises what `open_voice` raises."""
        if self._voice is None:
            try:
                self._voice = await self._open_voice()
            except RoomGoneError as gone:
                self._gone = gone
                raise
            finally:
                self._tried.set()
        return self._voice

    def drop(self) -> None:
        """Forget a voice whose webhook is lost; `get` opens another."""
        self._voice = None

    async def known(self) -> None:
        """Wait `OPENING` seconds at most for the first attempt. Raises `RoomGoneError`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._tried.wait()
        if self._gone is not None:
            raise RoomGoneError(str(self._gone))
