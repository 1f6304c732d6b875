"""The pool: deaths, idle ones, draining, restarts, ends."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace

import psutil
import pytest

from bot.codex.protocol import ThreadSettings
from bot.codex.stats import State
from bot.domain.character import Character
from bot.errors import (
    CodexRefusedError,
    PoolClosedError,
    TransportClosedError,
)
from bot.runtime.adapters import pool_view
from bot.tasks import Tasks
from tests.codex_kit import SEAT, until
from tests.pool_kit import ANNA, BO, CLEO, Ways, pool_of, touch


async def test_a_dead_process_is_replaced_at_the_next_lease(ways: Ways) -> None:
    async with pool_of(ways) as pool, pool.lease(ANNA) as instance:
        os.kill(instance.process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await instance.process._gone.wait()
        with pytest.raises(TransportClosedError):
            await instance.begin(SEAT, [], ThreadSettings("x", "/"))
        async with pool.lease(ANNA) as another:
            assert another is not instance
            assert another.usable


async def test_a_process_that_gives_no_sign_of_life_is_replaced(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.pool.QUIET_SECONDS", 0.0)
    monkeypatch.setattr("bot.codex.instance.PING_SECONDS", 0.2)
    async with pool_of(ways) as pool:
        first, well = await touch(pool, ANNA), await touch(pool, BO)
        os.kill(first, signal.SIGSTOP)
        await pool.look_after()
        assert await touch(pool, ANNA) != first
        assert await touch(pool, BO) == well
        assert not psutil.pid_exists(first)


async def test_the_health_page_tells_of_one_that_does_not_obey_until_it_is_gone(
    ways: Ways,
) -> None:
    async with pool_of(ways) as pool:
        async with pool.lease(ANNA) as instance:
            assert pool_view(pool.stats()).status == "healthy"
            instance.condemn("it does not obey")
            view = pool_view(pool.stats())
            assert (view.status, view.healthy) == ("degraded", 0)
        await until(lambda: not pool.stats().active)
        assert pool_view(pool.stats()).status == "healthy"


async def test_an_orderly_end_is_no_sickness(ways: Ways, tasks: Tasks) -> None:
    ways.ways |= {"anna": "deaf"}
    async with pool_of(ways) as pool:
        await touch(pool, ANNA)
        ending = tasks.start("evict", pool.evict("anna"))
        await until(lambda: pool.stats().instances[0].state == State.STOPPING)
        assert pool_view(pool.stats()).status == "healthy"
        await ending


async def test_the_health_page_tells_when_every_start_fails(ways: Ways) -> None:
    ways.ways |= {"anna": "refuses"}
    async with pool_of(ways) as pool:
        with pytest.raises(CodexRefusedError):
            await touch(pool, ANNA)
        assert "of anna does not start" in (pool.stats().problem or "")
        assert pool_view(pool.stats()).status == "degraded"
        ways.ways.clear()
        pool._backoff.clear("anna")
        await touch(pool, ANNA)
        assert pool_view(pool.stats()).status == "healthy"


async def test_an_idle_process_ends_after_its_time(ways: Ways) -> None:
    async with pool_of(ways, idle_timeout=0.05, cleanup_interval=0.02) as pool:
        pid = await touch(pool, ANNA)
        await until(lambda: not pool.stats().active)
        assert not psutil.pid_exists(pid)


async def test_a_drained_pool_takes_nobody_new_and_lets_go_nobody(ways: Ways, tasks: Tasks) -> None:
    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA) as held:
            waiting = tasks.start("bo", touch(pool, BO))
            await until(lambda: pool.stats().queued)
            pool.drain()
            with pytest.raises(PoolClosedError):
                await waiting
            with pytest.raises(PoolClosedError):
                await touch(pool, ANNA)
            assert held.usable
            assert pool.stats().draining
        pool.admit()
        await touch(pool, ANNA)


async def test_a_restart_ends_the_old_process_before_the_new_one_starts(ways: Ways) -> None:
    async with pool_of(ways, max_instances=1) as pool:
        assert not await pool.restart("anna")
        first = await touch(pool, ANNA)
        assert await pool.restart("anna")
        assert not psutil.pid_exists(first)
        assert pool.stats().active == 1
        assert await touch(pool, ANNA) != first


async def test_a_restart_that_nobody_could_use_is_refused_and_ends_nothing(ways: Ways) -> None:
    async with pool_of(ways) as pool:
        pid = await touch(pool, ANNA)
        pool.drain()
        with pytest.raises(PoolClosedError):
            await pool.restart("anna")
        assert psutil.pid_exists(pid)


async def test_an_edited_character_is_restarted_as_it_is_now(ways: Ways) -> None:
    told: list[Character] = []
    hooks = {"on_start": lambda bearer, who: told.append(who)}
    async with pool_of(ways, hooks=hooks) as pool:
        await touch(pool, ANNA)
        edited = replace(ANNA, guidelines="Be brief.")
        await touch(pool, edited)
        assert told == [ANNA]
        await pool.restart("anna")
        assert told == [ANNA, edited]


async def test_each_process_has_a_bearer_of_its_own_while_it_lives(ways: Ways) -> None:
    told: list[tuple[str, str]] = []
    hooks = {
        "on_start": lambda bearer, who: told.append(("start " + who.key, bearer)),
        "on_stop": lambda bearer: told.append(("stop", bearer)),
    }
    async with pool_of(ways, hooks=hooks) as pool:
        await touch(pool, ANNA)
        await touch(pool, BO)
        bearers = [bearer for _, bearer in told]
        assert [what for what, _ in told] == ["start anna", "start bo"]
        assert bearers[0] != bearers[1]
        assert bearers[0] not in repr(pool.stats())
        assert bearers[0] not in repr(pool._slots["anna"])
        assert pool._redactor.cut(f"x {bearers[0]} y") == "x ‹secret› y"
        await pool.evict("anna")
        assert told[-1] == ("stop", bearers[0])
        await pool.restart("bo")
    assert [what for what, _ in told].count("stop") == 3
    assert len({bearer for what, bearer in told if what.startswith("start")}) == 3


async def test_a_closed_pool_has_ended_even_those_that_do_not_obey(ways: Ways) -> None:
    ways.ways |= {"bo": "deaf"}
    async with pool_of(ways) as pool:
        anna, bo, cleo = [await touch(pool, who) for who in (ANNA, BO, CLEO)]
        async with pool.lease(BO) as instance:
            child = await instance._transport.request("child", {}, timeout=5)
        assert isinstance(child, dict)
        os.kill(cleo, signal.SIGSTOP)
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 8
    for pid in (anna, bo, cleo):
        assert not psutil.pid_exists(pid)
    left = [p for p in psutil.process_iter() if p.pid == child["pid"]]
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in left)
    with pytest.raises(PoolClosedError):
        await touch(pool, ANNA)


async def test_a_broken_listener_of_places_harms_nobody(
    ways: Ways, caplog: pytest.LogCaptureFixture, tasks: Tasks
) -> None:
    def broken(place: int) -> None:
        raise ValueError(place)

    async def wait() -> None:
        async with pool.lease(BO, on_wait=broken):
            pass

    async with pool_of(ways, max_instances=1) as pool:
        async with pool.lease(ANNA):
            waiting = tasks.start("bo", wait())
            await until(lambda: pool.stats().queued)
        await waiting
    assert "reporting a queue position failed" in caplog.text


async def test_an_app_server_that_cannot_be_written_down_runs_all_the_same(ways: Ways) -> None:
    (ways.folder / "run").write_text("a file where the folder should be")
    async with pool_of(ways) as pool:
        assert await touch(pool, ANNA)
