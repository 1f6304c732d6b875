"""What stands in a turn's way for a while. Each holds for as long as it is entered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NoReturn

import pytest

from bot.domain.room import Room
from tests.fakes.stage import MemoryDelivery
from tests.unit.rooms.company import Company


@contextmanager
def unreadable(house: Company, error: Exception) -> Iterator[list[Room]]:
    """What rooms show cannot be read, for `error`; gives those that somebody tried to read."""
    tried: list[Room] = []

    async def fail(room: Room, **_: object) -> NoReturn:
        tried.append(room)
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.stage, "history", fail)
        patch.setattr(house.stage, "messages", fail)
        yield tried


@contextmanager
def slow_words(beginning: str) -> Iterator[asyncio.Event]:
    """An answer that begins so is shown at once, and whole only when the event is set."""
    ended, finish = asyncio.Event(), MemoryDelivery.finish

    async def slowly(delivery: MemoryDelivery, text: str, **of: int) -> tuple[int, ...]:
        delivery.show(text)
        if text.startswith(beginning):
            await ended.wait()
        return await finish(delivery, text, **of)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryDelivery, "finish", slowly)
        yield ended


@contextmanager
def no_mind(house: Company) -> Iterator[asyncio.Event]:
    """Nobody gets a mind; the event is set when somebody waits for one."""
    waiting = asyncio.Event()

    @asynccontextmanager
    async def never(*_: Any, **__: Any) -> AsyncIterator[Any]:
        waiting.set()
        await asyncio.Event().wait()
        yield None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.mind, "lease", never)
        yield waiting
