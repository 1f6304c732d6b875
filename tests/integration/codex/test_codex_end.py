"""No app-server is left behind: not by an orderly end, not by SIGKILL of the bot, not when hung.

A bot here is a real parent process that uses the real parts, so that it can really be killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.codex.registry import Entry, Registry
from sandbox.model import Rule, hang, say
from tests.codex_kit import MIRA, SEAT, House, ask, house

ROOT = Path(__file__).parents[3]
BOT = """
import asyncio, os, sys
from pathlib import Path
from bot.codex.options import LaunchSpec
from bot.codex.pool import Pool, PoolOptions
from bot.codex.registry import Registry
from bot.domain.character import Character
from bot.log import Redactor

async def main(folder, *argv):
    spec = LaunchSpec(argv, {**os.environ, "CODEX_HOME": folder, "HOME": folder}, Path(folder))
    pool = Pool(spec_for=lambda who, bearer: spec, registry=Registry(Path(folder) / "run"),
                redactor=Redactor(), options=PoolOptions())
    async with pool:
        pids = []
        for name in ("anna", "bo", "cleo"):
            async with pool.lease(Character(name, name, "x")) as instance:
                pids.append(instance.process.pid)
        print(*pids, flush=True)
        await asyncio.sleep(600)

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def bot(folder: Path, *argv: str) -> AsyncIterator[tuple[int, list[int]]]:
    """A running bot with three app-servers: its pid, and theirs. Killed at the end."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT, str(folder), *argv, env=env, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    pids: list[int] = []
    try:
        async with asyncio.timeout(20):
            pids = [int(pid) for pid in (await process.stdout.readline()).split()]
        yield process.pid, pids
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        for pid in pids:
            if runs(pid):
                os.killpg(pid, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Whether it lives; one that nobody waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def gone(*pids: int, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while any(map(runs, pids)):  # noqa: ASYNC110 somebody else's children: nothing tells
            await asyncio.sleep(0.01)


def good_peer() -> tuple[str, ...]:
    return (sys.executable, "-S", str(Path(__file__).parent / "peers.py"), "good")


async def test_killing_the_bot_ends_every_codex(tmp_path: Path, codex_binary: Path) -> None:
    async with bot(
        tmp_path,
        str(codex_binary),
        "app-server",
        "-c",
        'model_provider="x"',
        "-c",
        'model_providers.x={name="x",base_url="http://127.0.0.1:9/v1"}',
    ) as (pid, pids):
        assert len(pids) == 3
        os.kill(pid, signal.SIGKILL)
        await gone(*pids)
    # What is written down of them is cleared away by the next start, and nothing else is done.
    assert len(list((tmp_path / "run").glob("*.json"))) == 3
    assert await Registry(tmp_path / "run").reap() == 0
    assert not list((tmp_path / "run").glob("*.json"))


async def test_a_hung_one_that_a_killed_bot_left_is_reaped(tmp_path: Path) -> None:
    async with bot(tmp_path, *good_peer()) as (pid, pids):
        os.kill(pids[1], signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        await gone(pids[0], pids[2])
        assert runs(pids[1])
        async with asyncio.timeout(5):
            assert await Registry(tmp_path / "run").reap() == 1
        await gone(pids[1])
    assert not list((tmp_path / "run").glob("*.json"))


async def test_what_belongs_to_a_living_bot_is_left_alone(tmp_path: Path) -> None:
    async with bot(tmp_path, *good_peer()) as (_, pids):
        assert await Registry(tmp_path / "run").reap() == 0
        assert all(map(runs, pids))
        assert len(list((tmp_path / "run").glob("*.json"))) == 3


@pytest.mark.parametrize(
    "change",
    [{"created": 5.0}, {"argv0": "/another/program"}, {"pgid": 999_999}],
    ids=["created", "program", "group"],
)
async def test_a_process_that_only_has_the_same_id_is_never_killed(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(600)", start_new_session=True
    )
    try:
        created = psutil.Process(stranger.pid).create_time()
        entry = Entry(stranger.pid, created, stranger.pid, sys.executable, 1, 5.0)
        row = asdict(entry) | change
        file = tmp_path / f"app-server-{stranger.pid}.json"
        file.write_text(json.dumps(row))
        assert await Registry(tmp_path).reap() == 0
        assert not file.exists()
        assert stranger.returncode is None
        assert runs(stranger.pid)
        # The same row unchanged is reaped: it is the change that saved the stranger.
        file.write_text(json.dumps(asdict(entry)))
        assert await Registry(tmp_path).reap() == 1
    finally:
        if stranger.returncode is None:
            stranger.kill()
        await stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x"}', "null"])
async def test_a_damaged_file_is_cleared_away(tmp_path: Path, text: str) -> None:
    (tmp_path / "app-server-7.json").write_text(text)
    assert await Registry(tmp_path).reap() == 0
    assert not os.listdir(tmp_path)  # noqa: PTH208 pathlib's way is flagged as blocking


async def test_group_one_and_zero_are_never_signalled(tmp_path: Path) -> None:
    me = psutil.Process()
    for pgid in (0, 1, -1):
        row = asdict(Entry(me.pid, me.create_time(), pgid, me.cmdline()[0], 1, 5.0))
        (tmp_path / f"app-server-{me.pid}.json").write_text(json.dumps(row))
        assert await Registry(tmp_path).reap() == 0


async def test_an_orderly_end_with_turns_running_leaves_nothing(tmp_path: Path) -> None:
    rule = Rule(then=(say("Well,"), hang()))
    async with house(tmp_path, rule) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with mind.speak(thread, "hello") as events:
            await anext(events)
            pid = h.pool.stats().instances[0].pid
            assert pid is not None
            await h.pool.close()
            assert not runs(pid)
    assert not list(h.run.iterdir())


async def test_app_servers_do_not_hold_each_other_s_pipes(tmp_path: Path) -> None:
    async with house(tmp_path, Rule(then=(say("hello"),))) as h:
        first = await h.instance()
        second = await h.instance()
        try:
            # The one that started later would keep the earlier one's stdin open.
            pid = first.process.pid
            assert first.process._stdin is not None
            first.process._stdin.close()
            await gone(pid)
            assert second.usable
            await second.ping()
            assert second.usable
        finally:
            await asyncio.gather(first.close(), second.close())


async def test_the_key_is_in_no_log_and_no_argument(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import logging

    from tests.codex_kit import KEY

    caplog.set_level(logging.DEBUG)
    async with house(tmp_path, Rule(then=(say("hello"),))) as h:
        h.redactor.learn(KEY)
        async with h.mind.lease(MIRA) as mind:
            await ask(mind, await mind.begin(SEAT, []), "hello")
            row = h.pool.stats().instances[0]
            assert row.pid is not None
            assert KEY not in " ".join(psutil.Process(row.pid).cmdline())
        bearer = _bearer(h)
    assert "turn/start" in caplog.text
    assert KEY not in caplog.text
    assert bearer not in caplog.text


def _bearer(h: House) -> str:
    return h.pool._slots["mira"].bearer
