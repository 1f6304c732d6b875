"""`make bench`: measure every figure of the README in one run; `--write` puts them there."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import bare, flood, hostile, house, rooms
from benchmarks.figures import Figure, median_ms, table, write_into
from bot.characters.prompt import instructions
from bot.codex import launch
from bot.domain.character import Character
from mcp_servers.action import server as action
from mcp_servers.guidelines import server as guidelines
from mcp_servers.stdio import NoRoom
from sandbox.discord.world.model import Channel
from sandbox.house import House
from sandbox.model import ModelServer, always, say
from sandbox.model.inspect import foreign_items

TURNS = 30
STARTS = 7
ROUNDS = 7
FIVE = ["ash", "birch", "cedar", "dogwood", "elm"]


async def measure(folder: Path) -> list[Figure]:
    async with ModelServer([always(say(house.ANSWER))]) as model:
        made = await bare.spec(folder / "bare", model)
        _note("bare client")
        warm = await bare.warm_first_words(made, TURNS)
        cold = await bare.cold_first_words(made, STARTS)
        twenty = await bare.rooms_at_once(made, processes=5, rooms=20, rounds=ROUNDS)
    return [
        await first_words(folder / "warm", median_ms(warm)),
        await cold_character(folder / "cold", median_ms(cold)),
        await twenty_rooms(folder / "rooms", median_ms(twenty)),
        await purity(folder / "items"),
        *await memory(folder / "memory"),
        await replay(folder / "replay"),
        *await rooms_that_hold(folder),
    ]


async def rooms_that_hold(folder: Path) -> list[Figure]:
    _note("a second character")
    figures = [await rooms.company(folder / "company", TURNS)]
    _note("fifty rooms")
    figures.append(await rooms.crowd(folder / "crowd", 3))
    _note("deaths and restarts")
    figures.append(await rooms.death(folder / "death", 5))
    figures.append(await rooms.restart(folder / "restart", 10))
    _note("the pace of edits")
    figures += await rooms.pace(folder / "pace")
    _note("one person in a hundred threads")
    figures += await flood.figures(folder / "flood")
    _note("1,000 hostile outputs and names")
    figures += await hostile.figures(folder / "hostile")
    return figures


async def first_words(folder: Path, base: float) -> Figure:
    _note("first words")
    async with house.open_house(folder, {"mira": ""}) as home:
        await home.start_bot()
        taken = median_ms(await house.warm_first_words(home, TURNS))
    return _ratio("first words, warm", taken, base, 1.5)


async def cold_character(folder: Path, base: float) -> Figure:
    _note("cold character")
    keys = [f"cold{number}" for number in range(STARTS)]
    async with house.open_house(folder, dict.fromkeys(["mira", *keys], "")) as home:
        await home.start_bot()
        await house.cold_first_words(home, ["mira"])  # Codex makes its database once
        taken = median_ms(await house.cold_first_words(home, keys))
    return _ratio("first words of a character without a process", taken, base, 2.5)


async def twenty_rooms(folder: Path, base: float) -> Figure:
    _note("twenty rooms")
    async with house.open_house(folder, dict.fromkeys(FIVE, "")) as home:
        await home.start_bot()
        taken = median_ms(await house.rooms_at_once(home, FIVE, rooms=20, rounds=ROUNDS))
    return _ratio("20 rooms at once over 5 characters, whole answers", taken, base, 1.5)


async def purity(folder: Path) -> Figure:
    _note("what the model sees, for every model")
    models, own_tools = _models(), await _own_tools()
    keys = {f"model{number}": f"model: {name}\n" for number, name in enumerate(models)}
    foreign: list[str] = []
    async with house.open_house(folder, keys, CODEX_MAX_INSTANCES="20") as home:
        await home.start_bot()
        for key in keys:
            persona = f"You are {key.title()}, who keeps an inn."
            for request in await house.model_requests(home, key):
                foreign += foreign_items(
                    request,
                    persona=instructions(Character(key=key, name=key.title(), persona=persona)),
                    conversation=_conversation(request.messages),
                    own_tools=own_tools,
                )
    for item in foreign[:10]:
        print(item, file=sys.stderr)
    return Figure(
        "model-visible items that are not ours",
        len(foreign),
        0,
        "",
        f"{len(models)} models; Codex’s three resource tools aside",
    )


async def memory(folder: Path) -> list[Figure]:
    _note("memory with 1,000 rooms")
    async with house.open_house(folder, {"mira": ""}) as home:
        channels = [home.world.add_channel(home.guild, f"room-{n}") for n in range(1_000)]
        await home.start_bot()
        await home.summon("mira")
        await home.bot.stop()
        await _know(home, channels)
        await home.start_bot()
        for channel in channels:
            home.say("a word in passing", channel)
        await house.first_write(home, "@Mira is there tea?")
        resident, foreign = house.resident_megabytes(home), house.foreign_children(home)
    return [
        Figure("the bot’s process with 1,000 rooms known", resident, 150, "MB", "resident"),
        Figure("child processes beside Codex and the store", len(foreign), 0, ""),
    ]


async def replay(folder: Path) -> Figure:
    _note("replay of 2,000 messages")
    async with house.open_house(folder, {"mira": ""}) as home:
        await home.start_bot()
        seconds, calls = await house.replay_seconds(home, 2_000)
    assert calls == 0, f"{calls} calls of the model"
    return Figure("replay of 2,000 messages", seconds, 0.5, "s", "no model call")


async def _know(home: House, channels: list[Channel]) -> None:
    """Give each room a cast the way the bot writes it."""
    from bot.domain.room import Place, Room  # noqa: PLC0415
    from bot.store.casts import RedisCasts  # noqa: PLC0415
    from bot.store.connection import Store  # noqa: PLC0415
    from bot.store.embedded import EmbeddedServer  # noqa: PLC0415

    async with EmbeddedServer(home.folder / "data") as server, Store(server.url) as store:
        casts = RedisCasts(store)
        for channel in channels:
            room = Room(channel.id, Place.CHANNEL, home.guild.id, name=channel.name)
            await casts.add(room, "mira")


def _models() -> list[str]:
    binary = launch.find_binary(None, None)
    listed = subprocess.run(
        [binary, "debug", "models", "--bundled"], capture_output=True, check=True
    )
    return [one["slug"] for one in json.loads(listed.stdout)["models"]]


async def _own_tools() -> list[str]:
    """The names of the tools that our servers offer."""
    servers = (
        action.create_server(NoRoom(), luck=random.SystemRandom(), now=lambda: datetime.now(UTC)),
        guidelines.create_server(NoRoom()),
    )
    return [tool.name for server in servers for tool in await server.list_tools()]


def _conversation(messages: tuple[tuple[str, str], ...]) -> list[str]:
    """What people said stands in headers of ours; what the character said is the script's."""
    return [text for _, text in messages if text.startswith("[Ann · ") or text == house.ANSWER]


def _ratio(name: str, taken: float, base: float, goal: float) -> Figure:
    return Figure(name, taken / base, goal, "×", f"{taken:.0f} ms; bare client {base:.0f} ms")


def _note(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    print(table(figures))
    if options.write:
        write_into(house.ROOT_README, figures)
    missed = [one.name for one in figures if not one.met]
    if missed:
        print("\nnot reached: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
