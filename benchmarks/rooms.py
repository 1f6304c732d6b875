"""Rooms under load: company, crowds, app-servers killed in mid-turn, restarts, edit rates."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from itertools import pairwise
from pathlib import Path

import psutil

from benchmarks import house
from benchmarks.figures import Figure, median_ms
from sandbox.discord import Limits
from sandbox.discord.world.model import Channel
from sandbox.house import House
from sandbox.model import Request, Rule, gate, say

TEN = ["ash", "birch", "cedar", "dogwood", "elm", "fir", "gorse", "hazel", "iris", "juniper"]
EDIT = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
LONG = " ".join(f"word-{number}" for number in range(120))


async def company(folder: Path, turns: int) -> list[Figure]:
    """Compare the first words of a character alone in a room and beside a second character."""
    async with house.open_house(folder, {"mira": "", "rue": ""}) as home:
        await home.start_bot()
        alone = median_ms(await house.warm_first_words(home, turns))
        await home.summon("rue")
        taken = [await house.first_write(home, "@Mira is there tea?") for _ in range(turns)]
    together = median_ms(taken)
    detail = f"{together:.0f} ms; alone {alone:.0f} ms"
    return [Figure("first words beside a second character", together / alone, 1.1, "×", detail)]


async def crowd(folder: Path, rounds: int) -> list[Figure]:
    """Ask in 50 rooms at once over ten app-servers: slowest first words by the median."""
    worst: list[tuple[float, float, float]] = []
    async with house.open_house(folder, dict.fromkeys(TEN, "")) as home:
        await home.start_bot()
        places = [
            (home.world.add_channel(home.guild, f"room-{number}"), TEN[number % len(TEN)])
            for number in range(50)
        ]
        for channel, key in places:
            await home.summon(key, channel)
        for number in range(rounds + 1):
            taken = await ask_all(home, places)
            middle = statistics.median(taken)
            if number:  # the first round starts app-servers
                worst.append((max(taken) / middle, max(taken), middle))
    ratio, slowest, middle = statistics.median_low(worst)
    detail = f"{slowest * 1000:.0f} ms; median {middle * 1000:.0f} ms"
    name = "50 rooms at once over 10 app-servers, slowest first words"
    return [Figure(name, ratio, 3, "×", detail)]


async def ask_all(home: House, places: list[tuple[Channel, str]]) -> list[float]:
    """Ask in all rooms at once; return the seconds until the first words in each."""
    before = {place.id: len(house.writes(home, place)) for place, _ in places}
    whole = {place.id: len(house.answered(home, place)) for place, _ in places}
    left = {}
    for place, key in places:
        home.say(f"@{key.title()} is there tea?", place)
        left[place.id] = time.monotonic()
    await home.discord.wait_for(
        lambda _: all(len(house.answered(home, place)) > whole[place.id] for place, _ in places),
        house.PATIENCE,
    )
    return [house.writes(home, place)[before[place.id]] - left[place.id] for place, _ in places]


async def death(folder: Path, times: int) -> list[Figure]:
    """Kill an app-server in mid-answer; measure the time until the model is asked again."""
    async with house.open_house(folder, {"mira": ""}, script=[_stuck_at_first()]) as home:
        await home.start_bot()
        await house.warm_first_words(home, 1)
        taken = [await _die(home, number) for number in range(times)]
    seconds = statistics.median(taken)
    name = "SIGKILL of an app-server in mid-turn until the model is asked again"
    return [Figure(name, seconds, 1, "s")]


async def _die(home: House, number: int) -> float:
    shown, asked = len(home.spoken()), home.model.requests.count
    home.say(f"@Mira wait for the {number}th")
    await home.discord.wait_for(lambda _: len(home.spoken()) > shown, house.PATIENCE)
    killed = time.monotonic()
    for server in _app_servers(home):
        server.kill()
    await home.model.requests.reach(asked + 2, timeout=house.PATIENCE)
    taken = time.monotonic() - killed
    whole = len(house.answered(home, home.room))
    await home.discord.wait_for(
        lambda _: len(house.answered(home, home.room)) > whole, house.PATIENCE
    )
    return taken


def _stuck_at_first() -> Rule:
    """Make a rule that answers a question with “wait” by half at first, and fully when repeated."""
    asked: set[str] = set()

    def fresh(request: Request) -> bool:
        waits = set(re.findall(r"wait for the (\d+)th", request.last_user_text)) - asked
        asked.update(waits)
        return bool(waits)

    return Rule(fresh, [say("One half"), gate(asyncio.Event())])


def _app_servers(home: House) -> list[psutil.Process]:
    children = psutil.Process(home.bot.pid).children(recursive=True)
    return [child for child in children if "app-server" in " ".join(child.cmdline())]


async def restart(folder: Path, rooms: int) -> list[Figure]:
    """Kill the bot with a turn in every room; measure from READY until all are answered."""
    keys = dict.fromkeys(TEN, "")
    async with house.open_house(folder, keys, script=[_stuck_at_first()]) as home:
        await home.start_bot()
        places = [home.world.add_channel(home.guild, f"room-{n}") for n in range(rooms)]
        for number, place in enumerate(places):
            await home.summon(TEN[number % len(TEN)], place)
            home.say(f"@{TEN[number % len(TEN)].title()} wait for the {number}th", place)
        await home.discord.wait_for(
            lambda _: all(home.spoken(place) for place in places), house.PATIENCE
        )
        await home.bot.kill()
        sessions = len(home.discord.record.sessions)
        await home.start_bot()
        ready = home.discord.record.sessions[sessions].at
        await home.discord.wait_for(
            lambda _: all(house.answered(home, place) for place in places), house.PATIENCE
        )
        taken = time.monotonic() - ready
    name = f"restart with {rooms} unfinished turns: from READY until all are answered"
    return [Figure(name, max(0.0, taken), 3, "s")]


async def pace(folder: Path) -> list[Figure]:
    """Have two characters stream long answers in one channel, under Discord's real limits."""
    script = [Rule(lambda asked: "long" in asked.last_user_text, [say(LONG, delay=0.05)])]
    async with house.open_house(
        folder, {"mira": "", "rue": ""}, script=script, limits=Limits.real()
    ) as home:
        await home.start_bot()
        await home.summon("mira")
        await home.summon("rue")
        home.say("@Mira a long one")
        home.say("@Rue a long one too")
        await home.discord.wait_for(
            lambda _: sum(LONG in answer.content for answer in home.spoken()) == 2, house.PATIENCE
        )
        edits = [request.at for request in home.discord.record.sent("PATCH", EDIT)]
        refused = [request for request in home.discord.record.requests if request.status == 429]
    closest = min((later - sooner for sooner, later in pairwise(edits)), default=60.0)
    # Counts intervals, not edits: five edits a second apart take four seconds.
    rate = (len(edits) - 1) / (edits[-1] - edits[0]) if len(edits) > 1 else 0.0
    return [
        Figure(
            "edits a second of one webhook while two characters stream",
            rate,
            1,
            "",
            f"{len(edits)} edits, {closest * 1000:.0f} ms between the closest two",
        ),
        Figure("requests answered 429 meanwhile", len(refused), 0, ""),
    ]
