"""One person asks in a hundred threads of a channel at once, and another one in the channel.

Under Discord's own limits: the characters of a channel and of its threads speak through one webhook
there, so that whoever fills it keeps everybody of that channel waiting.
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
# Within so many seconds the one asks in all of them.
WITHIN = 0.4
TIMES = 5


@dataclass(frozen=True, slots=True)
class Flood:
    """What the other one met: seconds to the first words, alone and in each of the floods.

    `before` is how many threads were answered by then; `refused` counts the answers 429 by the
    limit that they met, `asked` all requests by method and route.
    """

    alone: list[float]
    beside: list[float]
    before: list[int]
    refused: Mapping[str, int]
    asked: Mapping[str, int]


async def measure(home: House, *, threads: int = THREADS, times: int = TIMES) -> Flood:
    """Have Ann flood `threads` threads of the room while Ben asks in the room, `times` times.

    The house is started; one character is in the room.
    """
    places = [home.thread(f"thread {number}") for number in range(threads)]
    await _ben_asks(home)  # its app-server is started
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
        Counter(one.limited for one in seen if one.limited),
        Counter(f"{one.method} {one.template}" for one in seen),
    )


async def _ann_asks(home: House, places: list[Channel]) -> None:
    for place in places:
        home.say("@Mira is there tea?", place, by=home.ann)
        await asyncio.sleep(WITHIN / len(places))


async def _ben_asks(home: House) -> float:
    """Seconds until Ben's question in the room has its first words."""
    spoken = len(home.spoken())
    asked = home.say("@Mira is there soup?", by=home.ben)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await home.discord.wait_for(
        lambda _: any(one.id > asked.id for one in home.spoken()[spoken:]), house.PATIENCE
    )
    return loop.time() - began


def _spoken(home: House, places: list[Channel]) -> int:
    return sum(len(home.spoken(place)) for place in places)


async def figures(folder: Path) -> list[Figure]:
    """How much longer Ben waits than alone, and what Discord refused meanwhile."""
    async with house.open_house(
        folder,
        {"mira": ""},
        limits=Limits.real(),
        # The limits at once are those that a host has who sets nothing.
        TURNS_AT_ONCE="3",
        SERVER_TURNS_AT_ONCE="20",
    ) as home:
        await home.start_bot()
        await home.summon("mira")
        met = await measure(home)
    alone, beside = statistics.median(met.alone), statistics.median(met.beside)
    detail = f"{beside:.1f} s; alone {alone:.1f} s; {max(met.before)} threads were answered before"
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
