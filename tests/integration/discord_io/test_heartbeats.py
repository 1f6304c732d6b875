"""A connection that is open and dead is told as what it is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from bot.discord_io.heartbeats import LATE_SECONDS, unanswered
from bot.rooms.turns.turn_health import TurnHealth
from bot.runtime.adapters import Vitals
from sandbox.discord import DiscordServer, Limits
from tests.fixtures_discord import Inn, build_inn, connected, discord, redirected
from tests.fixtures_stage import Theatre

BEAT = 0.1
LATE = 0.4


@pytest.fixture
async def beating() -> AsyncIterator[tuple[Inn, discord.AutoShardedClient]]:
    """An inn whose gateway wants ten beats a second, and a client that patiently gives them."""
    async with DiscordServer(heartbeat_ms=int(BEAT * 1000), limits=Limits.off()) as server:
        client = discord.AutoShardedClient(intents=discord.Intents.none(), heartbeat_timeout=60)
        inn = build_inn(server)
        with redirected(server):
            async with connected(client, inn.application.token):
                yield inn, client
                server.faults.gateway.release()


async def beats(server: DiscordServer, more: int) -> None:
    """Wait until the client has given so many beats more."""
    seen = server.record.sessions[0]
    wanted = seen.heartbeats + more
    await server.wait_for(lambda _: seen.heartbeats >= wanted)


async def test_a_connection_whose_beats_are_answered_is_well(
    beating: tuple[Inn, discord.AutoShardedClient],
) -> None:
    inn, client = beating
    await beats(inn.server, 5)
    assert unanswered(client, late=LATE) == {}


@pytest.mark.parametrize("fault", ["stop_acks", "hold"])
async def test_a_connection_whose_beats_nobody_answers_is_overdue(
    beating: tuple[Inn, discord.AutoShardedClient], fault: str
) -> None:
    inn, client = beating
    await beats(inn.server, 2)
    getattr(inn.server.faults.gateway, fault)()
    died = time.perf_counter()
    await beats(inn.server, int((BEAT + LATE) / BEAT) + 2)
    overdue = unanswered(client, late=LATE)
    assert list(overdue) == [0]
    assert BEAT + LATE < overdue[0] <= time.perf_counter() - died + 2 * BEAT
    assert not client.is_closed()
    assert not client.shards[0].is_closed()


async def test_with_discords_own_interval_it_is_told_after_a_beat_and_a_margin(
    theatre: Theatre,
) -> None:
    def in_time(seconds: float) -> dict[int, float]:
        return unanswered(theatre.client, now=lambda: time.perf_counter() + seconds)

    assert in_time(41.25 + LATE_SECONDS - 5) == {}
    assert list(in_time(41.25 + LATE_SECONDS + 1)) == [0]


async def test_health_tells_of_it(theatre: Theatre) -> None:
    others = cast(Any, None)  # the other probes are not asked
    vitals = Vitals(client=theatre.client, pool=others, store=others, turns=TurnHealth())
    probe = vitals.probes()["discord"]
    assert probe() is None
    beating = theatre.client.shards[0]._parent.ws._keep_alive
    assert beating is not None
    beating._last_ack -= 60
    assert probe() == "Discord has not answered shards [0] for 60 s"
    beating.ack()
    assert probe() is None
