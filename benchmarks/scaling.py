"""Scaling: many rooms at once, a long backlog, thousands of rooms, thousands of turns."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from benchmarks import contenders, house
from benchmarks.figures import Figure, measured, ratios
from benchmarks.known_rooms import know
from benchmarks.rooms import TEN, ask_all
from sandbox.bot_process import ROOT
from sandbox.discord.world.model import Channel
from sandbox.house import House

CROWDS = (10, 50, 100, 200)
ROUNDS = 5
BACKLOG = 5_000
OVERHEARD_A_SECOND, OVERHEARD_SECONDS = 50, 10
KNOWN = (1_000, 5_000, 10_000)
GROWTH_TURNS = 2_000
_SAMPLES = 8
"""Number of samples in `growth`; the first half is warm-up."""


async def crowds(folder: Path, before: Path | None) -> list[Figure]:
    """Measure turns per second with many rooms asked at once, over ten app-servers."""
    checkouts = {"now": ROOT} | ({"before": before} if before is not None else {})
    rates: dict[tuple[str, int], list[float]] = {}
    evenness: list[float] = []
    async with AsyncExitStack() as stack:
        opened = {}
        for name, code in checkouts.items():
            made = house.open_house(folder / name, dict.fromkeys(TEN, ""), code=code)
            opened[name] = await stack.enter_async_context(made)
            await opened[name].start_bot()
        places = {name: await _rooms(home, max(CROWDS)) for name, home in opened.items()}
        for rooms in CROWDS:
            for number in range(ROUNDS + 1):
                for name, home in opened.items():
                    began = time.perf_counter()
                    taken = await ask_all(home, places[name][:rooms])
                    wall = time.perf_counter() - began
                    if not number:
                        continue  # the first round starts app-servers and Codex threads
                    rates.setdefault((name, rooms), []).append(rooms / wall)
                    if name == "now" and rooms == 100:
                        evenness.append(statistics.median(taken) / max(taken))
    rows = [
        measured(f"turns a second, {rooms} rooms at once", rates["now", rooms], None, "")
        for rooms in CROWDS
    ]
    name = "100 rooms at once: the median room's first words by the slowest's"
    rows.append(measured(name, evenness, 0.6))
    if before is not None:
        times = ratios(rates["now", 100], rates["before", 100])
        name = "turns a second by the older commit's, 100 rooms at once"
        rows.append(measured(name, times, 1.4, more_is_better=True))
    return rows


async def _rooms(home: House, count: int) -> list[tuple[Channel, str]]:
    places = [
        (home.world.add_channel(home.guild, f"room-{number}"), TEN[number % len(TEN)])
        for number in range(count)
    ]
    for channel, key in places:
        await home.summon(key, channel)
    return places


async def backlog(folder: Path) -> list[Figure]:
    """Time a question behind thousands of messages, and the CPU cost of overheard messages."""
    async with house.open_house(folder, {"mira": ""}) as home:
        await home.start_bot()
        await house.warm_first_words(home, 2)
        taken = []
        for _ in range(3):
            began = time.monotonic()
            for number in range(BACKLOG):
                home.say(f"line {number} of a long talk")
            await house.first_write(home, contenders.QUESTION)
            taken.append(time.monotonic() - began)
        before = contenders.bot_cpu(home)[contenders.BOT]
        for _ in range(OVERHEARD_A_SECOND * OVERHEARD_SECONDS):
            home.say("a word in passing")
            await asyncio.sleep(1 / OVERHEARD_A_SECOND)
        spent = contenders.bot_cpu(home)[contenders.BOT] - before
    share = 100 * spent / OVERHEARD_SECONDS
    return [
        measured(f"a question behind {BACKLOG:,} messages", taken, 3, "s"),
        Figure(f"{OVERHEARD_A_SECOND} overheard messages a second", share, 6, "% of a core"),
    ]


async def known_rooms(folder: Path) -> list[Figure]:
    """Measure the start and the bot's memory with many known rooms, a message in each."""
    rows = []
    for count in KNOWN:
        async with house.open_house(folder / str(count), {"mira": ""}) as home:
            channels = [home.world.add_channel(home.guild, f"room-{n}") for n in range(count)]
            await home.start_bot()
            await home.summon("mira")
            await home.bot.stop()
            await know(home, channels)
            began = time.monotonic()
            requests = len(home.discord.record.requests)
            await home.start_bot()
            ready = time.monotonic() - began
            for channel in channels:
                home.say("a word in passing", channel)
            await house.first_write(home, contenders.QUESTION)
            asked = len(home.discord.record.requests) - requests
            resident = house.resident_megabytes(home)
        is_goal = count == max(KNOWN)
        rows += [
            Figure(f"READY with {count:,} rooms known", ready, 3 if is_goal else None, "s"),
            Figure(
                f"memory after a word in each of {count:,} rooms",
                resident,
                170 if is_goal else None,
                "MB",
                f"{asked} requests to Discord since the start",
            ),
        ]
    return rows


async def growth(folder: Path) -> list[Figure]:
    """Measure how memory and first words grow over the second half of thousands of turns."""
    seen: list[tuple[float, float, float]] = []
    async with house.open_house(folder, {"mira": ""}) as home:
        await home.start_bot()
        await house.warm_first_words(home, 10)
        for _ in range(_SAMPLES):
            taken = [
                await house.first_write(home, contenders.QUESTION)
                for _ in range(GROWTH_TURNS // _SAMPLES)
            ]
            codex = sum(
                child.memory_info().rss
                for child in psutil.Process(home.bot.pid).children(recursive=True)
                if "codex" in " ".join(child.cmdline())
            )
            seen.append(
                (house.resident_megabytes(home), codex / 1e6, statistics.median(taken) * 1000)
            )
    middle, last = seen[_SAMPLES // 2 - 1], seen[-1]
    turns = GROWTH_TURNS // 2
    return [
        Figure(
            f"the bot's memory over {turns:,} turns in one room", last[0] - middle[0], None, "MB"
        ),
        Figure(f"its app-server's memory over {turns:,} turns", last[1] - middle[1], None, "MB"),
        Figure(f"first words after {GROWTH_TURNS:,} turns in one room", last[2] / middle[2], 1.1),
    ]
