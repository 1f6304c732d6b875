"""What is known of a real server: whether it takes writes, and how full it is."""

from __future__ import annotations

import logging

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Session
from bot.errors import StoreRefusal, StoreRefusingError, StoreUnavailableError
from bot.rooms.record.write_behind import WriteBehindLedger
from bot.store import keys
from bot.store.connection import Store
from bot.store.ledger import RedisLedger
from bot.store.probing import PROBE_KEPT, Prober
from bot.store.watch import StoreWatch
from bot.tasks import Tasks
from tests.fixtures_store import RealServer


async def test_a_probe_writes_what_goes_by_itself(store: Store) -> None:
    await Prober(store).write()
    for key in keys.PROBES:
        assert 0 < await store.client.ttl(key) <= PROBE_KEPT


async def test_a_server_that_only_answers_is_a_problem_until_it_takes_writes_again(
    lone_server: RealServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Store(lone_server.url) as store:
        watch = StoreWatch(Prober(store))
        await store.client.config_set("min-replicas-to-write", "1")
        with caplog.at_level(logging.INFO, "bot.store.watch"):
            for _ in range(3):
                await watch.look()
                await store.ping()
            assert isinstance(watch.error, StoreRefusingError)
            assert watch.error.refusal is StoreRefusal.REPLICAS
            assert watch.problem is not None
            assert "`min-replicas-to-write`" in watch.problem
            await store.client.config_set("min-replicas-to-write", "0")
            await watch.look()
    assert watch.problem is None
    told = [one.getMessage() for one in caplog.records if one.name == "bot.store.watch"]
    assert [line.partition(":")[0] for line in told] == [
        "nobody can be answered",
        "Redis takes writes again",
    ]


async def test_nearly_full_is_told_once_until_there_is_room_again(
    lone_server: RealServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Store(lone_server.url) as store:
        watch = StoreWatch(Prober(store))
        used = (await store.client.info("memory"))["used_memory"]
        with caplog.at_level(logging.WARNING, "bot.store.watch"):
            for times in (100, 1.15, 1.15, 1.3, 100, 1.15):
                await store.client.config_set("maxmemory", str(int(used * times)))
                await watch.look()
                assert (watch.warning is not None) == (times != 100)
    assert len(caplog.records) == 2
    assert watch.problem is None


async def test_without_a_limit_of_its_own_the_machines_memory_is_one(store: Store) -> None:
    total = (await store.client.info("memory"))["total_system_memory"]
    apart, beside = await Prober(store).memory(), await Prober(store, on_this_host=True).memory()
    assert (apart.of_host, apart.limit) == (True, total)
    assert beside.of_host
    assert beside.used < beside.limit < total
    assert 0 < apart.share < beside.share < 1


async def test_a_cluster_is_found_out_though_it_hides_that_it_is_one(
    cluster_server: RealServer,
) -> None:
    async with Store(cluster_server.url) as store:
        for ask in (Prober(store).memory, Prober(store).write):
            with pytest.raises(StoreRefusingError, match="not supported yet") as caught:
                await ask()
            assert caught.value.refusal is StoreRefusal.CLUSTER


async def test_a_room_whose_key_is_spoilt_holds_no_other_room(store: Store) -> None:
    spoilt, sound = Seat(1, "mira"), Seat(2, "mira")
    await store.client.set(keys.session(spoilt), "not a hash")
    async with Tasks("test") as tasks:
        ledger = WriteBehindLedger(RedisLedger(store), tasks)
        await ledger.keep_session(spoilt, Session("one", "f"))
        await ledger.keep_session(sound, Session("two", "f"))
        assert await ledger.session(sound) == Session("two", "f")
        assert await ledger.unfinished() == []
        with pytest.raises(StoreUnavailableError, match=r"room 1 is still to be written: .*WRONG"):
            await ledger.session(spoilt)
        await store.client.delete(keys.session(spoilt))
        await ledger.settle(5)
        assert await ledger.session(spoilt) == Session("one", "f")
