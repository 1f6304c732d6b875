"""What is known of the store while it is being asked."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from bot.errors import StoreRefusal, StoreRefusingError, StoreUnavailableError
from bot.store.probing import MemoryUse, Prober
from bot.store.watch import StoreWatch
from tests.unit.rooms.company import until


class SlowProber:
    """A server that is away, and takes its time to say so."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()

    async def memory(self) -> MemoryUse:
        self.asked += 1
        await self.answers.wait()
        raise StoreUnavailableError("it is away")

    async def write(self) -> None:
        """Not come to."""


async def test_a_store_that_is_away_is_not_well_while_it_is_asked_once_more() -> None:
    prober = SlowProber()
    watch = StoreWatch(cast("Prober", prober))
    prober.answers.set()
    await watch.look()
    prober.answers.clear()
    look = asyncio.ensure_future(watch.look())
    await until(lambda: prober.asked == 2)
    assert watch.problem is not None
    prober.answers.set()
    await look
    assert watch.problem is not None


@pytest.mark.parametrize(("refusal", "serves"), [("rights", True), ("cluster", False)])
async def test_who_may_not_ask_how_full_the_store_is_may_be_served(
    refusal: str, *, serves: bool
) -> None:
    class Discreet(SlowProber):
        async def memory(self) -> MemoryUse:
            raise StoreRefusingError(StoreRefusal(refusal), "no INFO")

    watch = StoreWatch(cast("Prober", Discreet()))
    await watch.look()
    assert (watch.problem is None) == serves
