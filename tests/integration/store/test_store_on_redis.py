"""The store on Redis itself, where the machine has one: what works on Valkey works there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Session, Turn, TurnState
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.ledger import RedisLedger
from tests.fixtures_store import RealServer

ROOM = Room(1, Place.CHANNEL, guild_id=2)
TURN = Turn(ROOM, "mira", 3, 4, Reason.NAMED, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def redis_server() -> Iterator[RealServer]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server on PATH")
    server = RealServer(program)
    server.start()
    yield server
    server.close()


async def test_a_whole_turn_is_kept_on_redis(redis_server: RealServer) -> None:
    async with Store(redis_server.url) as store:
        assert (await store.facts()).product == "Redis"
        ledger = RedisLedger(store)
        assert await ledger.accept(TURN)
        assert not await ledger.accept(TURN)
        recorded = replace(TURN, state=TurnState.RECORDED, text="said")
        await ledger.record(recorded)
        await ledger.chunk(recorded, 0, 500)
        assert await ledger.unfinished() == [replace(recorded, chunks=(500,))]
        await ledger.end(replace(recorded, state=TurnState.DONE))
        assert await ledger.unfinished() == []
        assert await ledger.speaker_of(500) == "mira"
        await ledger.keep_session(TURN.seat, Session("th", "fp", 3))
        assert await ledger.session(TURN.seat) == Session("th", "fp", 3)


async def test_a_cast_is_kept_on_redis(redis_server: RealServer) -> None:
    async with Store(redis_server.url) as store:
        casts = RedisCasts(store)
        await casts.add(ROOM, "mira")
        await casts.mark(1, 2**62 + 1)
        await casts.mark(1, 2**62)
        assert await casts.rooms() == [ROOM]
        assert await casts.marks() == {1: 2**62 + 1}
        assert await casts.remove(1, "mira")
        assert await casts.rooms() == []
