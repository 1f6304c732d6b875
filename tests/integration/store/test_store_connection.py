"""Reaching a real server: refused, silent, killed and restarted, wrong password."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic

import pytest
import pytest_asyncio

from bot.domain.decision import Decision
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.errors import SettingsError, StoreError, StoreUnavailableError
from bot.store import connection
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.decisions import RedisDecisions
from bot.store.ledger import RedisLedger
from bot.store.probing import Prober
from tests.fixtures_store import RealServer, free_port

SECRET = "opensesame-opensesame"
INN = Room(1, Place.CHANNEL)


@pytest_asyncio.fixture
async def silent_port() -> AsyncIterator[int]:
    """A listener that takes what it is sent and never answers."""

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_that_is_not_there_is_unavailable_within_seconds() -> None:
    port = free_port()
    started = monotonic()
    async with Store(f"redis://127.0.0.1:{port}") as store:
        with pytest.raises(StoreUnavailableError, match=f"127.0.0.1:{port} cannot be reached"):
            await RedisCasts(store).add(INN, "mira")
    assert monotonic() - started < connection.CALL_DEADLINE


async def test_a_silent_server_is_unavailable_at_the_deadline(
    silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CALL_DEADLINE", 0.3)
    started = monotonic()
    async with Store(f"redis://127.0.0.1:{silent_port}") as store:
        with pytest.raises(StoreUnavailableError, match=r"no answer within 0\.3 s"):
            await store.ping()
    assert monotonic() - started < 2


async def test_a_restart_of_the_server_goes_unnoticed(lone_server: RealServer) -> None:
    async with Store(lone_server.url) as store:
        casts = RedisCasts(store)
        await casts.add(INN, "mira")
        await asyncio.to_thread(lone_server.kill)
        reading = asyncio.gather(casts.cast(INN.id), casts.rooms())
        await asyncio.to_thread(lone_server.start)
        assert await reading == [("mira",), [INN]]


async def test_a_restarted_server_is_another_process(lone_server: RealServer) -> None:
    async with Store(lone_server.url) as store:
        ledger = RedisLedger(store)
        before = await ledger.run_id()
        await asyncio.to_thread(lone_server.kill)
        await asyncio.to_thread(lone_server.start)
        assert await ledger.run_id() not in (before, "")


async def test_waiting_for_the_server_says_so_once_and_ends_when_it_comes(
    lone_server: RealServer, caplog: pytest.LogCaptureFixture
) -> None:
    lone_server.kill()
    told: list[str] = []
    twice = asyncio.Event()

    def on_wait(line: str) -> None:
        told.append(line)
        if len(told) == 2:
            twice.set()

    async with Store(lone_server.url) as store:
        with caplog.at_level(logging.INFO, "bot.store.connection"):
            waiting = asyncio.gather(store.wait_until_ready(on_wait, interval=0.01))
            async with asyncio.timeout(15):
                await twice.wait()
            await asyncio.to_thread(lone_server.start)
            await waiting
    first, last = (record.getMessage() for record in caplog.records)
    assert first.startswith(f"Redis at 127.0.0.1:{lone_server.port} cannot be reached: ")
    assert first.endswith("; trying again every 0.01 s")
    assert last == f"Redis at 127.0.0.1:{lone_server.port} answers"


async def test_the_password_is_in_no_text(lone_server: RealServer) -> None:
    url = f"redis://someone:{SECRET}@127.0.0.1:{lone_server.port}/0"
    async with Store(url) as store:
        with pytest.raises(StoreError) as caught:
            await store.ping()
        shown = [repr(store), store.where, repr(store.client), *chain(caught.value)]
    assert not [text for text in shown if SECRET in text]


def chain(error: BaseException) -> list[str]:
    return traceback.format_exception(error)


@pytest.mark.parametrize(
    "url",
    [
        f"http://:{SECRET}@127.0.0.1:6379",
        f"redis://:{SECRET}@127.0.0.1:port/0",
        f"redis://:{SECRET}/#?@127.0.0.1:6379/0",
        f"redis://127.0.0.1:6379/0?socket_timeout={SECRET}",
        f"{SECRET}",
        "",
    ],
)
def test_an_address_that_is_none_is_named_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Store(url)
    assert caught.value.setting == "REDIS_URL"
    assert SECRET not in "".join(chain(caught.value))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://h", "h:6379"),
        (f"rediss://u:{SECRET}@h.example:7000/2", "h.example:7000"),
        ("valkey://h:1", "h:1"),
        (f"valkeys://:{SECRET}@h:2/0", "h:2"),
        ("unix:///run/valkey.sock", "/run/valkey.sock"),
        ("redis://[::1]:6380", "[::1]:6380"),
    ],
)
async def test_where_names_the_server_alone(url: str, where: str) -> None:
    async with Store(url) as store:
        assert store.where == where


async def test_what_a_full_server_refuses_is_an_error_of_the_store(
    lone_server: RealServer,
) -> None:
    async with Store(lone_server.url) as store:
        await store.client.config_set("maxmemory", "1")
        with pytest.raises(StoreError, match=r"takes no writes: OOM .*maxmemory") as caught:
            await RedisCasts(store).add(INN, "mira")
        assert not isinstance(caught.value, StoreUnavailableError)


async def test_facts_tell_how_the_server_keeps_data(
    lone_server: RealServer, valkey_server: RealServer
) -> None:
    async with Store(lone_server.url) as store:
        await store.client.config_set("maxmemory", str(2**30))
        await store.client.config_set("maxmemory-policy", "allkeys-lru")
        facts = await store.facts()
    assert facts.appendonly
    assert facts.evicts
    assert facts.version[0].isdigit()
    async with Store(valkey_server.url) as store:
        facts = await store.facts()
    assert not facts.appendonly
    assert not facts.evicts


@pytest.mark.parametrize(
    "write", ["run", "end", "chunk", "claim", "authors", "decision", "cast", "memory"]
)
async def test_a_write_without_an_answer_keeps_no_connection(
    silent_port: int, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    monkeypatch.setattr(connection, "CALL_DEADLINE", 0.2)
    turn = Turn(INN, "mira", 3, 4, Reason.NAMED, datetime(2026, 1, 1, tzinfo=UTC))
    async with Store(f"redis://127.0.0.1:{silent_port}") as store:
        ledger = RedisLedger(store)
        writes = {
            "run": lambda: ledger.run(turn),
            "end": lambda: ledger.end(turn),
            "chunk": lambda: ledger.chunk(turn, 0, 5),
            "claim": lambda: ledger.claim(turn, 5),
            "authors": lambda: ledger.authors([5]),
            "memory": Prober(store).memory,
            "decision": lambda: RedisDecisions(store).keep_decision(
                Decision(1, 3, "Ann", turn.accepted_at)
            ),
            "cast": lambda: RedisCasts(store).add(INN, "mira"),
        }
        with pytest.raises(StoreUnavailableError):
            await writes[write]()
        # With all of them kept, nothing could be written any more until the bot is restarted.
        assert not store.client.connection_pool._in_use_connections
