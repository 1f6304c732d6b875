"""What a run of chaos is made of does what it says: busy loops, a store that loses, a sum."""

from __future__ import annotations

from pathlib import Path

import psutil
from redis.asyncio import Redis

from tests.chaos.busy import BusyLoops
from tests.chaos.redis_server import RedisServer
from tests.chaos.series import Series


def test_busy_loops_run_beside_it_and_end_with_it() -> None:
    with BusyLoops(2) as busy:
        pids = busy.pids
        assert len(pids) == 2
        assert all(psutil.Process(pid).is_running() for pid in pids)
    assert busy.pids == []
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_store_loses_what_it_took_in_its_last_second_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with RedisServer(tmp_path) as server:
        async with Redis.from_url(server.url, decode_responses=True) as redis:
            await redis.set("kept", "1")
            await server.outlive()
            await redis.set("lost", "1")
            assert await server.lose() > 0
        await server.start()
        async with Redis.from_url(server.url, decode_responses=True) as redis:
            assert await redis.keys() == ["kept"]


async def test_a_store_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    async with RedisServer(tmp_path) as server:
        async with Redis.from_url(server.url, decode_responses=True) as redis:
            await redis.set("kept", "1")
            await server.kill()
        await server.start()
        async with Redis.from_url(server.url, decode_responses=True) as redis:
            assert await redis.keys() == ["kept"]


def test_what_failed_is_named_in_the_sum() -> None:
    series = Series(passed=1, failed=[7, 9], answered=90)
    series.wrong.update(lost=1, house=2)
    first, second = series.summary().splitlines()
    assert first == "1 of 3 runs passed; failed: 7 9"
    assert second.startswith("90 answered, 1 lost, 0 twice, 0 torn, ")
    assert second.endswith(", 2 house")
