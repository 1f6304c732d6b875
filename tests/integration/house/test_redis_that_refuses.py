"""A Redis that answers and takes nothing: everybody who looks is told, with what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.__main__ import MISCONFIGURED
from sandbox.house import House
from sandbox.model import always, say
from tests.fixtures_house import Furnish
from tests.fixtures_store import RealServer
from tests.integration.house.test_doctor import verdicts
from tests.integration.house.test_starting import logged, run
from tests.integration.house.test_telling_what_is_wrong import (
    fetched,
    free_port,
    healthy,
    shown,
)

WITHIN = 15


@pytest_asyncio.fixture
async def redis(lone_server: RealServer) -> AsyncIterator[Redis]:
    async with Redis(port=lone_server.port, decode_responses=True) as client:
        yield client


async def sick(port: str) -> httpx2.Response:
    """Wait until the bot says that something is wrong."""
    async with asyncio.timeout(WITHIN):
        while True:
            if (answer := await fetched(port, "/healthz")).status_code != 200:
                return answer
            await asyncio.sleep(0.05)


async def told(house: House, text: str) -> None:
    await house.discord.wait_for(
        lambda _: next((one for one in house.room.messages.values() if text in one.content), None),
        WITHIN,
    )


async def test_a_full_redis_is_told_to_everybody_who_looks_and_answers_wait_for_room(
    furnish: Furnish, lone_server: RealServer, redis: Redis
) -> None:
    port = free_port()
    settings = {"REDIS_URL": lone_server.url, "HTTP_PORT": port}
    house = await furnish(always(say("Here again.")), settings=settings)
    await house.summon("mira")
    await redis.config_set("maxmemory", "1")
    answer = await sick(port)
    assert answer.status_code == 503
    assert "OOM" in answer.json()["problems"]["redis"]
    assert "`maxmemory`" in answer.json()["problems"]["redis"]
    assert "OOM" in (await fetched(port, "/")).text
    assert "troupe_redis_writable 0.0" in (await fetched(port, "/metrics")).text
    await logged(house, "nobody can be answered: Redis at")
    assert "mine is full" in await shown(house, "diagnose")
    refused = await house.command("summon", character="rask")
    assert refused.original is not None
    assert refused.original.content.startswith("The bot’s memory is full, so that didn’t work.")
    house.say("@Mira, are you there?")
    await told(house, "The bot’s memory is full, so nobody can answer yet.")
    status, said = await run(house, "doctor", "--offline", HTTP_PORT="0")
    assert status == 0, said
    assert verdicts(said)["Redis"] == "warn"
    assert "OOM" in said
    await redis.config_set("maxmemory", "0")
    await house.hears("Here again.")
    await healthy(port)
    # Each consequence once, and not with each message or each try.
    lines = [line.partition(" bot.")[2] for line in house.bot.lines if "writes: OOM" in line]
    assert sorted(lines) == sorted(set(lines))


async def test_a_redis_that_is_nearly_full_is_told_before_it_is_full(
    furnish: Furnish, lone_server: RealServer, redis: Redis
) -> None:
    port = free_port()
    house = await furnish(
        always(say("Yes.")), settings={"REDIS_URL": lone_server.url, "HTTP_PORT": port}
    )
    used = (await redis.info("memory"))["used_memory"]
    await redis.config_set("maxmemory", str(int(used * 1.15)))
    line = await logged(house, "Redis holds")
    assert "(`maxmemory`)" in line
    assert "Redis holds" in (await fetched(port, "/")).text
    assert (await fetched(port, "/healthz")).json() == {"status": "ok"}
    assert "full. When it’s full, nobody is answered any more." in await shown(house, "diagnose")
    metrics = (await fetched(port, "/metrics")).text
    assert "troupe_redis_memory_limit_bytes" in metrics


@pytest.mark.parametrize("command", ["run", "doctor"])
async def test_a_cluster_is_named_as_what_is_not_supported(
    furnish: Furnish, cluster_server: RealServer, command: str
) -> None:
    house = await furnish(start=False, settings={"REDIS_URL": cluster_server.url})
    options = ["--offline"] if command == "doctor" else []
    status, said = await run(house, command, *options)
    assert status == (MISCONFIGURED if command == "run" else 1), said
    assert "Cluster (cluster_enabled), which is not supported yet" in said
    assert "REDIS_URL" in said
    assert "Traceback" not in said
