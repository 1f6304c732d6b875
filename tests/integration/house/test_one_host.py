"""Two processes on one token: one of them ends, and nothing is said twice."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from tests.fixtures_house import Furnish
from tests.fixtures_store import RealServer


async def test_a_bot_whose_token_another_host_took_ends_with_a_clear_line(
    furnish: Furnish, lone_server: RealServer
) -> None:
    house = await furnish(settings={"REDIS_URL": lone_server.url})
    async with Redis(port=lone_server.port, decode_responses=True) as redis:
        (key,) = await redis.keys("*host:*")
        held = str(await redis.get(key))
        await redis.set(
            key, held.replace('"space": "', '"space": "not ').replace('"id": "', '"id": "x')
        )
    async with asyncio.timeout(15):
        assert await house.bot.ended() != 0
    last = house.bot.lines[-1]
    assert "Another process runs this bot" in last


async def test_a_killed_bot_is_followed_at_once(furnish: Furnish, lone_server: RealServer) -> None:
    house = await furnish(settings={"REDIS_URL": lone_server.url})
    await house.bot.kill()
    async with asyncio.timeout(12):
        await house.start_bot()
    assert not any("waiting for it" in line for line in house.bot.lines)
