"""One answer's voice, opened ahead of its words. Owns when it is known whether it can speak."""

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
    """What `open_voice` gives, once; anew after `drop`."""

    def __init__(self, open_voice: Callable[[], Awaitable[Voice]]) -> None:
        self._open_voice = open_voice
        self._voice: Voice | None = None
        self._tried = asyncio.Event()
        self._gone: RoomGoneError | None = None

    async def get(self) -> Voice:
        """The voice; raises whatever keeps it from being opened."""
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
        """What it speaks through is lost: the next one is opened anew."""
        self._voice = None

    async def known(self) -> None:
        """Wait until somebody tried to open it, not for long. Raises `RoomGoneError`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._tried.wait()
        if self._gone is not None:
            raise RoomGoneError(str(self._gone))
