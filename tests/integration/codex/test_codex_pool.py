"""The pool: leases, places, the queue, starts."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psutil
import pytest

from bot.codex.options import LaunchSpec
from bot.codex.pool import Pool
from bot.codex.stats import State
from bot.domain.character import Character
from bot.errors import (
    CodexRefusedError,
    PoolBusyError,
    PoolClosedError,
)
from bot.tasks import Tasks
from tests.codex_kit import until
from tests.pool_kit import ANNA, BO, CLEO, DAN, PEERS, Ways, pool_of, touch


async def test_leases_at_once_share_one_start(ways: Ways) -> None:
    async with pool_of(ways) as pool:
        pids = await asyncio.gather(*(touch(pool, ANNA) for _ in range(20)))
        assert len(set(pids)) == 1
        assert ways.started == ["anna"]


async def test_several_hold_one_instance_and_it_is_busy_until_the_last_lets_go(ways: Ways) -> None:
    async with pool_of(ways) as pool:
        async with pool.lease(ANNA) as one:
            async with pool.lease(ANNA) as two:
                assert one is two
                assert pool.stats().instances[0].leases == 2
            assert pool.stats().instances[0].state is State.BUSY
            assert not await pool.evict("anna")
        assert pool.stats().instances[0].state is State.IDLE
        assert await pool.evict("anna")
        assert not await pool.evict("anna")
        assert pool.stats().active == 0


async def test_the_longest_idle_one_makes_place(ways: Ways) -> None:
    async with pool_of(ways, max_instances=2) as pool:
        await touch(pool, ANNA)
        await touch(pool, BO)
        anna = await touch(pool, ANNA)
        await touch(pool, CLEO)
        assert sorted(row.character for row in pool.stats().instances if row.pid) == [
            "anna",
            "cleo",
        ]
        assert await touch(pool, ANNA) == anna
        assert pool.stats().evictions == 1


def peers() -> list[psutil.Process]:
    """The peers that run; the browser's driver, for one, is no peer."""
    alive = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE and str(PEERS) in child.cmdline():
                alive.append(child)
    return alive


async def test_there_are_never_more_processes_than_places(ways: Ways) -> None:
    async with pool_of(ways, max_instances=2) as pool:

        async def use(who: Character) -> None:
            async with pool.lease(who):
                assert len(peers()) <= 2

        people = [ANNA, BO, CLEO, DAN] * 3
        await asyncio.gather(*(use(who) for who in people))


async def test_eviction_never_touches_a_busy_process(ways: Ways) -> None:
    async with pool_of(ways, max_instances=2, queue_timeout=0.2, idle_timeout=0.0) as pool:
        async with pool.lease(ANNA) as anna, pool.lease(BO) as bo:
            await pool.look_after()
            with pytest.raises(PoolBusyError):
                await touch(pool, CLEO)
            assert anna.usable
            assert bo.usable
        assert await touch(pool, CLEO)


async def test_those_who_wait_are_served_in_order_and_see_their_place(
    ways: Ways, tasks: Tasks
) -> None:
    places: dict[str, list[int]] = {"bo": [], "cleo": [], "dan": []}
    served: list[str] = []

    async def wait(who: Character) -> None:
        async with pool.lease(who, on_wait=places[who.key].append):
            served.append(who.key)

    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA):
            waiting = []
            for who in (BO, CLEO, DAN):
                waiting.append(tasks.start(who.key, wait(who)))
                await until(lambda: pool.stats().queued == len(waiting))
        await asyncio.gather(*waiting)
    assert served == ["bo", "cleo", "dan"]
    assert places == {"bo": [1], "cleo": [2, 1], "dan": [3, 2, 1]}


async def test_a_newcomer_does_not_overtake_the_queue(ways: Ways, tasks: Tasks) -> None:
    served: list[str] = []

    async def wait(who: Character) -> None:
        async with pool.lease(who):
            served.append(who.key)

    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA) as anna:
            first = tasks.start("bo", wait(BO))
            await until(lambda: pool.stats().queued)
            # A turn that is still being ended outlives its lease, and then makes the place free.
            anna.turns_running += 1
        assert pool.stats().queued
        anna.turns_running -= 1
        await asyncio.gather(tasks.start("cleo", wait(CLEO)), first)
    assert served == ["bo", "cleo"]


async def test_rooms_that_never_fall_silent_do_not_keep_others_waiting_for_ever(
    ways: Ways, tasks: Tasks
) -> None:
    served: list[str] = []

    async def talk(who: Character, held: asyncio.Event) -> None:
        async with pool.lease(who):
            served.append(who.key)
            await held.wait()

    async with pool_of(ways, max_instances=1, patience=0.0) as pool:
        first, second, third = asyncio.Event(), asyncio.Event(), asyncio.Event()
        talks = [tasks.start("first", talk(ANNA, first))]
        await until(lambda: served == ["anna"])
        talks.append(tasks.start("waits", talk(BO, second)))
        await until(lambda: pool.stats().queued == 1)
        talks.append(tasks.start("goes on", talk(ANNA, third)))
        await until(lambda: pool.stats().queued == 2)
        for held in (first, second, third):
            held.set()
        await asyncio.gather(*talks)
    assert served == ["anna", "bo", "anna"]


async def test_a_place_that_nobody_was_told_of_is_found_by_the_next_round(
    ways: Ways, tasks: Tasks
) -> None:
    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA) as anna:
            waiting = tasks.start("bo", touch(pool, BO))
            await until(lambda: pool.stats().queued)
            anna.turns_running += 1
        anna.turns_running -= 1
        assert pool.stats().queued
        await pool.look_after()
        assert not pool.stats().queued
        await waiting


async def test_all_who_wait_for_one_character_are_served_together(ways: Ways, tasks: Tasks) -> None:
    together = asyncio.Barrier(3)

    async def wait() -> None:
        async with pool.lease(BO):
            await together.wait()

    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA):
            waiting = [tasks.start(str(number), wait()) for number in range(3)]
            await until(lambda: pool.stats().queued == 3)
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
    assert ways.started == ["anna", "bo"]


async def test_one_who_stops_waiting_makes_the_others_move_up(ways: Ways, tasks: Tasks) -> None:
    places: list[int] = []
    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA):
            leaver = tasks.start("bo", touch(pool, BO))
            await until(lambda: pool.stats().queued)

            async def wait() -> None:
                async with pool.lease(CLEO, on_wait=places.append):
                    pass

            stayer = tasks.start("cleo", wait())
            await until(lambda: pool.stats().queued == 2)
            leaver.cancel()
            await asyncio.gather(leaver, return_exceptions=True)
            assert places == [2, 1]
        await stayer
        # Nobody holds what the leaver would have got.
        assert all(row.leases == 0 for row in pool.stats().instances)


async def test_a_start_goes_on_when_the_one_who_asked_leaves(ways: Ways, tasks: Tasks) -> None:
    async with pool_of(ways) as pool:
        leaver = tasks.start("leaver", touch(pool, ANNA))
        await until(lambda: ways.started)
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
        await touch(pool, ANNA)
        assert ways.started == ["anna"]
        assert pool.stats().instances[0].leases == 0


async def test_a_slow_start_holds_up_nobody_else(ways: Ways, tasks: Tasks) -> None:
    async with pool_of(ways) as pool:
        await touch(pool, ANNA)
        ways.ways["bo"] = "mute"
        stuck = tasks.start("bo", touch(pool, BO))
        await until(lambda: "bo" in ways.started)
        async with asyncio.timeout(5):
            await touch(pool, ANNA)
            await touch(pool, CLEO)
        assert not stuck.done()
        states = {row.character: row.state for row in pool.stats().instances}
        assert states["bo"] is State.STARTING
    # Closing the pool did not wait for the handshake either.
    with pytest.raises(PoolClosedError):
        await stuck


async def test_a_first_start_that_hangs_holds_the_others_up_for_a_moment_only(
    ways: Ways, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.starting.FIRST_SECONDS", 0.1)
    ways.ways["bo"] = "mute"
    async with pool_of(ways) as pool:
        stuck = tasks.start("bo", touch(pool, BO))
        await until(lambda: ways.started)
        async with asyncio.timeout(5):
            await touch(pool, ANNA)
        assert not stuck.done()
    with pytest.raises(PoolClosedError):
        await stuck


async def test_one_that_was_killed_at_its_start_is_started_anew_before_anybody_is_told(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.starting.START_AGAIN", 0.01)
    ways.ways["anna"] = "silent_end"
    began = ways.spec

    def spec(who: Character, bearer: str) -> LaunchSpec:
        made = began(who, bearer)
        ways.ways.pop(who.key, None)
        return made

    monkeypatch.setattr(ways, "spec", spec)
    async with pool_of(ways) as pool:
        assert await touch(pool, ANNA)
        assert ways.started == ["anna", "anna"]


async def test_after_a_failed_start_people_are_told_at_once_until_it_is_tried_again(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways.ways["anna"] = "refuses"
    async with pool_of(ways) as pool:
        for _ in range(3):
            with pytest.raises(CodexRefusedError, match="expected a boolean"):
                await touch(pool, ANNA)
        assert ways.started == ["anna"]
        await touch(pool, BO)  # others are not concerned
        first = pool._backoff._failures["anna"]
        now = asyncio.get_running_loop().time()
        assert 0 < first.until - now < 2
        monkeypatch.setattr(Pool, "_now", property(lambda self: first.until + 1))
        with pytest.raises(CodexRefusedError):
            await touch(pool, ANNA)
        assert ways.started == ["anna", "bo", "anna"]
        second = pool._backoff._failures["anna"]
        assert second.until - (first.until + 1) > 1.5
        monkeypatch.setattr(Pool, "_now", property(lambda self: second.until + 1))
        ways.ways["anna"] = "good"
        await touch(pool, ANNA)
        assert "anna" not in pool._backoff._failures
        assert pool.stats().failures == 2


async def test_a_failed_start_frees_its_place_for_who_waits(ways: Ways, tasks: Tasks) -> None:
    ways.ways["bo"] = "refuses"
    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA):
            bo = tasks.start("bo", touch(pool, BO))
            cleo = tasks.start("cleo", touch(pool, CLEO))
            await until(lambda: pool.stats().queued == 2)
        results = await asyncio.gather(bo, cleo, return_exceptions=True)
    assert isinstance(results[0], CodexRefusedError)
    assert isinstance(results[1], int)
