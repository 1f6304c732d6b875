"""One person asks in a hundred Discord threads at once, while another asks in their channel.

Runs under Discord's real rate limits: a channel and its Discord threads share one webhook, so a
person who saturates it makes everybody in the channel wait.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import house
from benchmarks.figures import Figure
from sandbox.discord import Limits
from sandbox.discord.world.model import Channel
from sandbox.house import House

THREADS = 100
# Seconds in which the person asks in all Discord threads.
WITHIN = 0.4
TIMES = 9


@dataclass(frozen=True, slots=True)
class Flood:
    """What the person in the channel experienced, in each of several floods."""

    alone: list[float]
    """Seconds until the first words, without a flood."""
    beside: list[float]
    """Seconds until the first words, during each flood."""
    before: list[int]
    """Threads answered before this person, in each flood."""
    refused: Mapping[str, int]
    """Number of 429 answers by rate limit."""
    asked: Mapping[str, int]
    """Number of requests by method and route."""


async def measure(home: House, *, threads: int = THREADS, times: int = TIMES) -> Flood:
    """Have Ann flood Discord threads of the room while Ben asks in the room, `times` times.

    The bot of the house must be running, with one character in the room.
    """
    places = [home.thread(f"thread {number}") for number in range(threads)]
    await _ben_asks(home)  # starts the app-server
    alone = [await _ben_asks(home) for _ in range(times)]
    requests = len(home.discord.record.requests)
    beside, before = list[float](), list[int]()
    for _ in range(times):
        spoken = _spoken(home, places)
        await _ann_asks(home, places)
        beside.append(await _ben_asks(home))
        before.append(_spoken(home, places) - spoken)
    seen = list(home.discord.record.requests)[requests:]
    return Flood(
        alone,
        beside,
        before,
        Counter(request.limited for request in seen if request.limited),
        Counter(f"{request.method} {request.template}" for request in seen),
    )


async def _ann_asks(home: House, places: list[Channel]) -> None:
    for place in places:
        home.say("@Mira is there tea?", place, by=home.ann)
        await asyncio.sleep(WITHIN / len(places))


async def _ben_asks(home: House) -> float:
    """Have Ben ask in the room; return the seconds until the first words."""
    spoken = len(home.spoken())
    asked = home.say("@Mira is there soup?", by=home.ben)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await home.discord.wait_for(
        lambda _: any(answer.id > asked.id for answer in home.spoken()[spoken:]), house.PATIENCE
    )
    return loop.time() - began


def _spoken(home: House, places: list[Channel]) -> int:
    return sum(len(home.spoken(place)) for place in places)


async def figures(folder: Path) -> list[Figure]:
    """Measure how much longer Ben waits than without a flood, and Discord's 429 answers."""
    async with house.open_house(
        folder,
        {"mira": ""},
        limits=Limits.real(),
        # The default limits on concurrent turns.
        TURNS_AT_ONCE="3",
        SERVER_TURNS_AT_ONCE="20",
    ) as home:
        await home.start_bot()
        await home.summon("mira")
        met = await measure(home)
    alone, beside = statistics.median(met.alone), statistics.median(met.beside)
    worst = max(met.beside) / alone
    detail = (
        f"{beside:.2f} s, alone {alone:.2f} s; the slowest of {TIMES} {worst:.1f} ×; "
        f"{max(met.before)} threads were answered before"
    )
    return [
        Figure(
            "first words beside one person who asks in 100 threads of that channel",
            beside / alone,
            2,
            "×",
            detail,
        ),
        Figure(
            "requests that met Discord’s global limit meanwhile",
            met.refused.get("global", 0),
            0,
            "",
        ),
    ]
