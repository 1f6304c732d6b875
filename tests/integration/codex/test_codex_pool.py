"""The pool: leases, places, the queue, deaths and ends. Peers where only processes matter."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.pool import Pool, PoolOptions
from bot.codex.registry import Registry
from bot.codex.stats import State
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.errors import (
    CodexError,
    CodexRefusedError,
    PoolBusyError,
    PoolClosedError,
    TransportClosedError,
)
from bot.log import Redactor
from bot.tasks import Tasks
from sandbox.model import Rule, gate, say
from tests.codex_kit import MIRA, SEAT, ask, character, hear, house, until

PEERS = Path(__file__).parent / "peers.py"
ANNA, BO, CLEO, DAN = (character(name) for name in ("anna", "bo", "cleo", "dan"))


class Ways:
    """How each character's process behaves; good unless said otherwise. Counts the starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ways: dict[str, str] = {}
        self.started: list[str] = []

    def spec(self, who: Character, bearer: str) -> LaunchSpec:
        self.started.append(who.key)
        argv = (sys.executable, "-S", str(PEERS), self.ways.get(who.key, "good"))
        return LaunchSpec(argv, {"PATH": os.environ["PATH"]}, self.folder)


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    return Ways(tmp_path)


@asynccontextmanager
async def pool_of(ways: Ways, *, hooks: Any = None, **options: Any) -> AsyncIterator[Pool]:
    pool = Pool(
        spec_for=ways.spec,
        registry=Registry(ways.folder / "run"),
        redactor=Redactor(),
        options=PoolOptions(**({"queue_timeout": 5.0} | options)),
        **(hooks or {}),
    )
    async with pool:
        yield pool
    assert not list((ways.folder / "run").glob("*.json"))


async def touch(pool: Pool, who: Character) -> int:
    """Lease once; the pid."""
    async with pool.lease(who) as instance:
        return instance.process.pid


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks("test") as held:
        yield held


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


async def test_there_are_never_more_processes_than_places(ways: Ways) -> None:
    async with pool_of(ways, max_instances=2) as pool:

        async def use(who: Character) -> None:
            async with pool.lease(who):
                mine = psutil.Process().children()
                alive = [child for child in mine if child.status() != psutil.STATUS_ZOMBIE]
                assert len(alive) <= 2

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
    monkeypatch.setattr("bot.codex.pool.FIRST_SECONDS", 0.1)
    ways.ways["bo"] = "mute"
    async with pool_of(ways) as pool:
        stuck = tasks.start("bo", touch(pool, BO))
        await until(lambda: ways.started)
        async with asyncio.timeout(5):
            await touch(pool, ANNA)
        assert not stuck.done()
    with pytest.raises(PoolClosedError):
        await stuck


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


async def test_a_dead_process_is_replaced_at_the_next_lease(ways: Ways) -> None:
    async with pool_of(ways) as pool, pool.lease(ANNA) as instance:
        os.kill(instance.process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await instance.process._gone.wait()
        with pytest.raises(TransportClosedError):
            await instance.begin(SEAT, [], _settings())
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


async def test_an_edited_character_is_known_as_it_is_now(ways: Ways) -> None:
    told: list[str] = []
    hooks = {"on_start": lambda bearer, who: told.append(bearer)}
    async with pool_of(ways, hooks=hooks) as pool:
        await touch(pool, ANNA)
        edited = replace(ANNA, guidelines="Be brief.")
        await touch(pool, edited)
        assert pool.character_for(told[0]) == edited
        assert len(told) == 1


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
        assert [pool.character_for(bearer) for bearer in bearers] == [ANNA, BO]
        assert bearers[0] not in repr(pool.stats())
        assert bearers[0] not in repr(pool._slots["anna"])
        assert pool._redactor.cut(f"x {bearers[0]} y") == "x ‹secret› y"
        await pool.evict("anna")
        assert pool.character_for(bearers[0]) is None
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
    assert "telling a place in the queue failed" in caplog.text


# --- real Codex ------------------------------------------------------------------------------


async def test_ten_start_at_once_in_a_fresh_home_and_all_of_them_speak(tmp_path: Path) -> None:
    rule = Rule(then=lambda r: (say("to " + r.last_user_text),))
    people = [character(f"guest{number}") for number in range(10)]

    async def meet(who: Character) -> str:
        async with h.mind.lease(who) as mind:
            thread = await mind.begin(Seat(1, who.key), [])
            return (await ask(mind, thread, who.key))[0]

    async with house(tmp_path, rule) as h:
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(meet(who) for who in people))
        stats = h.pool.stats()
        assert answers == [f"to {who.key}" for who in people]
        assert (stats.active, stats.healthy, stats.total_threads) == (10, 10, 10)
        assert all(row.memory > 1_000_000 and row.turns == 1 for row in stats.instances)
        pids = [row.pid for row in stats.instances]
    assert not [pid for pid in pids if pid is not None and psutil.pid_exists(pid)]


async def test_a_speaking_character_is_not_evicted_for_another(tmp_path: Path) -> None:
    opened = asyncio.Event()
    rules = [
        Rule(when=lambda r: r.last_user_text == "long", then=(gate(opened), say("whole"))),
        Rule(then=(say("short"),)),
    ]
    async with house(tmp_path, *rules, max_instances=1) as h, AsyncExitStack() as held:
        mind = await held.enter_async_context(h.mind.lease(MIRA))
        thread = await mind.begin(SEAT, [])
        events = await held.enter_async_context(mind.speak(thread, "long"))

        async def other() -> str:
            async with h.mind.lease(BO) as theirs:
                return (await ask(theirs, await theirs.begin(Seat(1, "bo"), []), "hi"))[0]

        async with asyncio.TaskGroup() as group:
            answer = group.create_task(other())
            await h.model.requests.reach(1)
            await h.pool.look_after()
            opened.set()
            assert "whole" in str(await hear(events))
            await held.aclose()
        assert answer.result() == "short"


async def test_a_refused_setting_is_told_in_codex_s_own_words(tmp_path: Path) -> None:
    extra = ("-c", "tools.update_plan=False")
    async with house(tmp_path, extra=extra) as h:
        with pytest.raises(CodexRefusedError, match=r"tools\.update_plan"):
            async with h.mind.lease(MIRA):
                pass


async def test_nobody_logged_in_is_told_as_that(tmp_path: Path) -> None:
    async with house(tmp_path, extra=("-c", 'model_provider="openai"')) as h:
        with pytest.raises(CodexError, match="codex login"):
            async with h.mind.lease(MIRA):
                pass


def _settings() -> Any:
    from bot.codex.protocol import ThreadSettings

    return ThreadSettings("x", "/")


def test_instances_are_never_compared_by_value() -> None:
    assert Instance.__eq__ is object.__eq__
