"""One host for each token, on a real server."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from bot.errors import HostTakenError
from bot.store.connection import Store
from bot.store.lease import Holder, HostLease

HERE = Holder.of_this_process()
ELSEWHERE = replace(HERE, id="other", host="elsewhere", space="elsewhere 0")


async def test_a_second_host_is_refused_and_told_who_has_it(store: Store) -> None:
    async with HostLease(store, "token", holder=ELSEWHERE):
        with pytest.raises(HostTakenError, match="on elsewhere"):
            async with HostLease(store, "token", patience=0.01):
                pytest.fail("two hosts run")


async def test_another_token_is_another_bot(store: Store) -> None:
    async with HostLease(store, "token", holder=ELSEWHERE), HostLease(store, "other token"):
        assert len(await store.client.keys("*host:*")) == 2
        assert not await store.client.keys("*token*")


async def test_a_host_that_ends_lets_the_next_one_in_at_once(store: Store) -> None:
    async with HostLease(store, "token", holder=ELSEWHERE):
        pass
    async with HostLease(store, "token", patience=0.5):
        pass


async def test_a_host_that_died_elsewhere_is_waited_for_until_its_lease_runs_out(
    store: Store,
) -> None:
    await HostLease(store, "token", holder=ELSEWHERE, seconds=0.2).__aenter__()
    async with HostLease(store, "token", patience=3):
        pass


@pytest.fixture
def neighbour() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of this machine."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


async def test_a_host_that_died_here_is_followed_at_once(
    store: Store, neighbour: subprocess.Popen[bytes]
) -> None:
    created = psutil.Process(neighbour.pid).create_time()
    other = replace(HERE, id="other", pid=neighbour.pid, created=created)
    await HostLease(store, "token", holder=other).__aenter__()
    with pytest.raises(HostTakenError):
        await HostLease(store, "token", patience=0.01).__aenter__()
    neighbour.kill()
    await asyncio.to_thread(neighbour.wait)
    async with HostLease(store, "token", patience=0.5):
        pass


async def test_a_host_whose_lease_was_taken_is_told(store: Store) -> None:
    lease = HostLease(store, "token", seconds=0.05)
    await lease.__aenter__()
    (key,) = await store.client.keys("*host:*")
    await store.client.delete(key)
    async with HostLease(store, "token", holder=ELSEWHERE), asyncio.timeout(5):
        assert (await lease.keep()).host == "elsewhere"


async def test_a_lease_is_renewed_for_as_long_as_it_is_kept(store: Store) -> None:
    lease = HostLease(store, "token", seconds=1.0)
    async with lease, asyncio.TaskGroup() as group:
        keeping = group.create_task(lease.keep())
        with pytest.raises(HostTakenError):
            await HostLease(store, "token", holder=ELSEWHERE, patience=2.0).__aenter__()
        keeping.cancel()


async def test_a_start_waits_for_a_store_that_takes_no_writes(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    refused = asyncio.Event()

    def hear(record: logging.LogRecord) -> bool:
        if "takes no writes" in record.getMessage():
            refused.set()
        return True

    caplog.handler.addFilter(hear)
    lease = HostLease(store, "token", patience=0.01)
    await store.client.config_set("maxmemory", 1)
    try:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            entering = group.create_task(lease.__aenter__())
            await refused.wait()
            assert not entering.done()
            await store.client.config_set("maxmemory", 0)
    finally:
        await store.client.config_set("maxmemory", 0)
    assert len(await store.client.keys("*host:*")) == 1


async def test_an_unreadable_lease_does_not_lock_the_bot_out(store: Store) -> None:
    lease = HostLease(store, "token")
    async with lease:
        (key,) = await store.client.keys("*host:*")
        await store.client.set(key, "nonsense")
    async with HostLease(store, "token", patience=0.5):
        pass
