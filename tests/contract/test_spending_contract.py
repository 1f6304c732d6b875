"""What every `SpendingStore` does: the one in Redis and its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.rooms.decisions.spending import SpendingStore
from bot.store.connection import Store
from bot.store.spending import RedisSpending
from tests.fakes.spending import MemorySpending

HOUR = datetime(2026, 11, 30, 10, tzinfo=UTC)
DAY = datetime(2026, 11, 30, tzinfo=UTC)
ANN, BEN = 1_300_000_000_000_000_001, 5


@pytest.fixture(params=["redis", "memory"])
def spent(request: pytest.FixtureRequest) -> SpendingStore:
    if request.param == "memory":
        return MemorySpending()
    return RedisSpending(request.getfixturevalue("store"))


async def test_nothing_is_spent_at_first(spent: SpendingStore) -> None:
    assert await spent.turns(ANN, HOUR) == set()
    assert await spent.tokens(DAY) == 0


async def test_turns_add_up_by_person_and_hour_each_once(spent: SpendingStore) -> None:
    await spent.add_turns(ANN, HOUR, ("1:mira:3", "1:kai:3"))
    await spent.add_turns(ANN, HOUR, ("1:mira:3", "1:mira:4"))
    assert await spent.turns(ANN, HOUR) == {"1:mira:3", "1:kai:3", "1:mira:4"}
    assert await spent.turns(BEN, HOUR) == set()
    assert await spent.turns(ANN, HOUR + timedelta(hours=1)) == set()


async def test_tokens_add_up_by_day(spent: SpendingStore) -> None:
    assert await spent.add_tokens(DAY, 20_000) == 20_000
    assert await spent.add_tokens(DAY, 1) == 20_001
    assert await spent.tokens(DAY) == 20_001
    assert await spent.tokens(DAY + timedelta(days=1)) == 0


async def test_counts_go_by_themselves_after_their_window(store: Store) -> None:
    spent = RedisSpending(store)
    await spent.add_turns(ANN, HOUR, ("1:mira:3",))
    await spent.add_tokens(DAY, 1)
    left = [await store.client.ttl(key) async for key in store.client.scan_iter("*spent*")]
    assert len(left) == 2
    assert all(ttl > 3_600 for ttl in left)
