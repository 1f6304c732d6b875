"""Real servers that refuse: which kind it is, what is logged, and that nobody's words are in it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, Session, Turn
from bot.errors import StoreError, StoreRefusal, StoreRefusingError
from bot.store import connection, keys, refusals
from bot.store.casts import RedisCasts
from bot.store.commands import RedisCommands
from bot.store.connection import Store
from bot.store.ledger import RedisLedger
from tests.fixtures_store import RealServer, free_port

INN = Room(1, Place.CHANNEL, name="the inn of whispers")
WORDS = "what-nobody-else-may-read"

Spoil = Callable[[Store], Coroutine[Any, Any, object]]


async def fill(store: Store) -> None:
    await store.client.config_set("maxmemory", "1")


async def demote(store: Store) -> None:
    await store.client.replicaof("127.0.0.1", str(free_port()))


async def want_replicas(store: Store) -> None:
    await store.client.config_set("min-replicas-to-write", "1")


async def take_rights(store: Store) -> None:
    await store.client.acl_setuser(
        "default",
        enabled=True,
        nopass=True,
        keys=["*"],
        categories=["-@all", "+@connection"],
        commands=["+eval", "+evalsha", "+script|load", "+get", "+info", "+multi", "+exec"],
    )


async def lose_the_disk(store: Store) -> None:
    """Its folder is gone, and the snapshot that it is told to make fails."""
    await store.client.config_set("save", "900 1")
    folder = str((await store.client.config_get("dir"))["dir"])
    await asyncio.to_thread(shutil.rmtree, folder)
    await store.client.bgsave()
    async with asyncio.timeout(5):
        while (await store.client.info("persistence"))["rdb_last_bgsave_status"] == "ok":  # noqa: ASYNC110 no event tells of it
            await asyncio.sleep(0)


REFUSALS: tuple[tuple[Spoil, StoreRefusal], ...] = (
    (fill, StoreRefusal.FULL),
    (demote, StoreRefusal.READ_ONLY),
    (lose_the_disk, StoreRefusal.DISK),
    (want_replicas, StoreRefusal.REPLICAS),
    (take_rights, StoreRefusal.RIGHTS),
)


def writes(store: Store) -> list[Callable[[], Awaitable[object]]]:
    """A plain command, a transaction, a script, and a script in a transaction."""
    turn = Turn(INN, "mira", 5, 6, Reason.SAY, datetime.now(UTC), text=WORDS)
    ledger = RedisLedger(store)
    return [
        lambda: RedisCommands(store).set("digest"),
        lambda: RedisCasts(store).add(INN, "mira"),
        lambda: ledger.accept(turn),
        lambda: ledger.keep_session(turn.seat, Session(WORDS, "f")),
    ]


async def try_all(store: Store) -> None:
    await asyncio.gather(*(write() for write in writes(store)), return_exceptions=True)


@pytest.mark.parametrize(("spoil", "refusal"), REFUSALS)
async def test_a_server_that_refuses_everybody_is_told_by_its_kind_whatever_is_written(
    lone_server: RealServer, spoil: Spoil, refusal: StoreRefusal
) -> None:
    async with Store(lone_server.url) as store:
        await spoil(store)
        for write in writes(store):
            with pytest.raises(StoreRefusingError) as caught:
                await write()
            assert caught.value.refusal is refusal
            assert f"127.0.0.1:{lone_server.port} takes no writes: " in str(caught.value)


async def test_a_cluster_is_told_by_its_kind(cluster_server: RealServer) -> None:
    async with Store(cluster_server.url) as store:
        with pytest.raises(StoreRefusingError, match="CROSSSLOT") as caught:
            await RedisCasts(store).add(INN, "mira")
    assert caught.value.refusal is StoreRefusal.CLUSTER


async def test_what_one_key_cannot_take_is_no_refusal_of_everybody(store: Store) -> None:
    await store.client.set(keys.session(Seat(1, "mira")), "not a hash")
    with pytest.raises(StoreError, match="refused one command: WRONGTYPE") as caught:
        await RedisLedger(store).keep_session(Seat(1, "mira"), Session("t", "f"))
    assert not isinstance(caught.value, StoreRefusingError)


async def test_what_was_to_be_written_is_in_no_error_and_no_traceback(
    lone_server: RealServer,
) -> None:
    async with Store(lone_server.url) as store:
        await fill(store)
        for write in writes(store):
            with pytest.raises(StoreError) as caught:
                await write()
            shown = "".join(traceback.format_exception(caught.value))
            assert WORDS not in shown
            assert INN.name not in shown


async def test_refused_writes_are_logged_once_a_kind_and_minute(
    lone_server: RealServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store(lone_server.url) as store:
        await fill(store)
        with caplog.at_level(logging.ERROR, "bot.store.refusals"):
            await try_all(store)
            await try_all(store)
            (line,) = (record.getMessage() for record in caplog.records)
            assert line.endswith(
                "takes no writes: OOM command not allowed when used memory > 'maxmemory'"
            )
            await store.client.config_set("maxmemory", "0")
            await want_replicas(store)
            await try_all(store)
            assert "NOREPLICAS" in caplog.records[1].getMessage()
            assert len(caplog.records) == 2
            monkeypatch.setattr(refusals, "LOGGED_AGAIN", 0.0)
            await try_all(store)
    assert caplog.records[2].getMessage().endswith("(3 more like it since it was last logged)")


async def test_a_refused_write_of_a_turn_gives_its_connection_back(
    lone_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS", 2)
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT", 0.5)
    async with Store(lone_server.url) as store:
        ledger, seat = RedisLedger(store), Seat(1, "mira")
        commands = ["-script|exists", "-evalsha"]
        await store.client.acl_setuser("default", enabled=True, commands=commands)
        for _ in range(3):
            with pytest.raises(StoreRefusingError):
                await ledger.keep_session(seat, Session("t", "f"))
        await store.client.acl_setuser("default", enabled=True, categories=["+@all"])
        await ledger.keep_session(seat, Session("t", "f"))
        assert await ledger.session(seat) == Session("t", "f")
