"""What every `DemeanourStore` does: the one in Redis and its twin in memory."""

from __future__ import annotations

import pytest

from bot.domain.room import Seat
from bot.rooms.demeanours import PLAIN, Demeanour, DemeanourStore
from bot.store import keys
from bot.store.demeanours import RedisDemeanours
from tests.fakes.demeanours import MemoryDemeanours

MIRA = Seat(1_300_000_000_000_000_001, "mira")
KAI = Seat(1_300_000_000_000_000_001, "kai")


@pytest.fixture(params=["redis", "memory"])
def kept(request: pytest.FixtureRequest) -> DemeanourStore:
    if request.param == "memory":
        return MemoryDemeanours()
    return RedisDemeanours(request.getfixturevalue("store"))


async def test_each_seat_keeps_its_own(kept: DemeanourStore) -> None:
    assert await kept.demeanours() == {}
    await kept.keep_demeanour(MIRA, Demeanour("laughing", "stirs: the soup"))
    await kept.keep_demeanour(KAI, Demeanour(status="naps"))
    await kept.keep_demeanour(KAI, Demeanour(status="works"))
    assert await kept.demeanours() == {
        MIRA: Demeanour("laughing", "stirs: the soup"),
        KAI: Demeanour(status="works"),
    }


async def test_a_plain_one_takes_no_place(kept: DemeanourStore) -> None:
    await kept.keep_demeanour(MIRA, Demeanour("laughing"))
    await kept.keep_demeanour(MIRA, PLAIN)
    await kept.keep_demeanour(KAI, PLAIN)
    assert await kept.demeanours() == {}


async def test_what_cannot_be_read_is_left_out(store, redis_client) -> None:
    await RedisDemeanours(store).keep_demeanour(MIRA, Demeanour("laughing"))
    rows = {"x": "{}", "7:kai": "[]", "8:kai": "{", "9": '{"mood": "", "status": ""}'}
    await redis_client.hset(keys.DEMEANOURS, mapping=rows)
    assert await RedisDemeanours(store).demeanours() == {MIRA: Demeanour("laughing")}
