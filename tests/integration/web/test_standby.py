"""Waiting for what keeps the bot from starting: what is tried again when, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import socket

import httpx2
from pydantic import SecretStr

from bot.errors import HostTakenError, SettingsError, TroupeError
from bot.runtime import standby
from bot.runtime.standby import Standby
from bot.settings import Settings
from bot.tasks import Tasks

SOON = 5.0


class Start:
    """A bot that cannot start for the first so many times."""

    def __init__(self, error: TroupeError, times: int = 1_000) -> None:
        self.tries = 0
        self.tried = asyncio.Event()
        self.started = asyncio.Event()
        self._error = error
        self._times = times

    async def __call__(self, _: Settings) -> None:
        self.tries += 1
        self.tried.set()
        if self.tries <= self._times:
            raise self._error
        self.started.set()


class Address(logging.Handler):
    """Where a listener says that it is."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()
        self.url = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "listening on %s":
            self.url = record.getMessage().removeprefix("listening on ")
            self.said.set()


def waiting(start: Start, port: int = 0) -> Standby:
    settings = Settings(discord_token=SecretStr("a.token"), http_port=port)
    return Standby(lambda: settings, start, {"HOME": "/nowhere"}, lambda text: text)


async def test_what_may_pass_by_itself_is_tried_again_and_told_once(monkeypatch, caplog):
    monkeypatch.setattr(standby, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(standby, "PASSES_SECONDS", 0.05)
    caplog.set_level(logging.ERROR)
    start = Start(HostTakenError("another-host"), times=3)
    async with asyncio.timeout(SOON):
        await waiting(start).run(asyncio.Event())
    assert start.started.is_set()
    assert start.tries == 4
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "another-host" in told[0]


async def test_a_wrong_setting_is_not_tried_again_until_it_changes(monkeypatch):
    monkeypatch.setattr(standby, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(standby, "PASSES_SECONDS", 0.02)
    looks = asyncio.Event()
    start = Start(SettingsError("DISCORD_TOKEN", "no such token"), times=1)
    settings = Settings(discord_token=SecretStr("a.token"), http_port=0)
    read = 0

    def reading() -> Settings:
        nonlocal settings, read
        read += 1
        if read == 12:  # long after what passes by itself would have been tried again
            assert start.tries == 1
            settings = Settings(discord_token=SecretStr("another.token"), http_port=0)
            looks.set()
        return settings

    async with asyncio.timeout(SOON):
        await Standby(reading, start, {"HOME": "/nowhere"}, str).run(asyncio.Event())
    assert looks.is_set()
    assert start.tries == 2


async def test_the_end_is_not_waited_for():
    start = Start(SettingsError("CODEX_MODEL", "no model"))
    stop = asyncio.Event()
    async with Tasks("test") as tasks, asyncio.timeout(SOON):
        running = tasks.start("run", waiting(start).run(stop))
        await start.tried.wait()
        stop.set()
        await running
    assert start.tries == 1


async def test_where_the_port_is_taken_it_waits_without_a_page(monkeypatch):
    monkeypatch.setattr(standby, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(standby, "PASSES_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        start = Start(SettingsError("HTTP_PORT", f"port {port} is taken"), times=2)
        async with asyncio.timeout(SOON):
            await waiting(start, port).run(asyncio.Event())
    assert start.tries == 3


async def test_every_page_of_the_wait_answers_and_tools_do_not(caplog):
    caplog.set_level(logging.INFO)
    address = Address()
    logging.getLogger("bot.web.server").addHandler(address)
    start = Start(SettingsError("CODEX_MODEL", "no model"))
    stop = asyncio.Event()
    async with Tasks("test") as tasks, asyncio.timeout(SOON), httpx2.AsyncClient() as http:
        running = tasks.start("run", waiting(start).run(stop))
        await address.said.wait()
        url = address.url
        assert (await http.get(f"{url}/healthz")).json()["problems"] == {"setup": "no model"}
        assert (await http.get(f"{url}/health/codex")).status_code == 200
        assert (await http.get(f"{url}/metrics")).status_code == 200
        page = (await http.get(url)).text
        assert "Not started yet" in page
        assert "None runs: the bot has not started." in page
        assert (await http.post(f"{url}/mcp/action")).status_code == 404
        assert (await http.get(url, headers={"Host": "evil.example"})).status_code == 421
        stop.set()
        await running
    logging.getLogger("bot.web.server").removeHandler(address)
