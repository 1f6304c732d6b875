"""`make bench`: measures every figure of the README in one run; `--write` updates the README.

`--before COMMIT` measures an older commit in the same run, in alternating blocks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from benchmarks import bare, costs, flood, hostile, house, rooms, scaling
from benchmarks.figures import Figure, as_json, median_ms, table, write_into
from benchmarks.known_rooms import know
from bot.characters.prompt import instructions
from bot.codex import launch
from bot.domain.character import Character
from mcp_servers.action import server as action
from mcp_servers.guidelines import server as guidelines
from mcp_servers.stdio import NoRoom
from sandbox.bot_process import ROOT
from sandbox.model import ModelServer, always, say
from sandbox.model.inspect import foreign_items

TURNS = 30
STARTS = 7
ROUNDS = 7
FIVE = ["ash", "birch", "cedar", "dogwood", "elm"]

Part: TypeAlias = Callable[[Path], Awaitable[list[Figure]]]


def parts(before: Path | None) -> dict[str, Part]:
    """Return every part of the benchmark by name, in the order in which they run.

    `before` is a checkout of an older commit to compare with.
    """
    return {
        "turns": lambda folder: costs.figures(folder, before),
        "counts": costs.counts,
        "cold": cold_character,
        "twenty": twenty_rooms,
        "crowds": lambda folder: scaling.crowds(folder, before),
        "backlog": scaling.backlog,
        "known": scaling.known_rooms,
        "growth": scaling.growth,
        "purity": purity,
        "memory": memory,
        "replay": replay,
        "company": lambda folder: rooms.company(folder, TURNS),
        "fifty": lambda folder: rooms.crowd(folder, 3),
        "death": lambda folder: rooms.death(folder, 5),
        "restart": lambda folder: rooms.restart(folder, 10),
        "pace": rooms.pace,
        "flood": flood.figures,
        "hostile": hostile.figures,
    }


async def measure(folder: Path, names: Sequence[str], before: Path | None) -> list[Figure]:
    """Run these parts and return their figures."""
    figures: list[Figure] = []
    for name, part in parts(before).items():
        if name in names:
            _note(name)
            place = folder / name
            place.mkdir()
            figures += await part(place)
    return figures


async def cold_character(folder: Path) -> list[Figure]:
    async with ModelServer([always(say(house.ANSWER))]) as model:
        made = await bare.spec(folder / "bare", model)
        base = median_ms(await bare.cold_first_words(made, STARTS))
    keys = [f"cold{number}" for number in range(STARTS)]
    async with house.open_house(folder, dict.fromkeys(["mira", *keys], "")) as home:
        await home.start_bot()
        await house.cold_first_words(home, ["mira"])  # Codex creates its database once
        taken = median_ms(await house.cold_first_words(home, keys))
    return [_ratio("first words of a character without a process", taken, base, 2.5)]


async def twenty_rooms(folder: Path) -> list[Figure]:
    async with ModelServer([always(say(house.ANSWER))]) as model:
        made = await bare.spec(folder / "bare", model)
        base = median_ms(await bare.rooms_at_once(made, processes=5, rooms=20, rounds=ROUNDS))
    async with house.open_house(folder, dict.fromkeys(FIVE, "")) as home:
        await home.start_bot()
        taken = median_ms(await house.rooms_at_once(home, FIVE, rooms=20, rounds=ROUNDS))
    return [_ratio("20 rooms at once over 5 characters, whole answers", taken, base, 1.5)]


async def purity(folder: Path) -> list[Figure]:
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
    return [
        Figure(
            "model-visible items that are not ours",
            len(foreign),
            0,
            "",
            f"{len(models)} models; Codex’s three resource tools aside",
        )
    ]


async def memory(folder: Path) -> list[Figure]:
    async with house.open_house(folder, {"mira": ""}) as home:
        channels = [home.world.add_channel(home.guild, f"room-{n}") for n in range(1_000)]
        await home.start_bot()
        await home.summon("mira")
        await home.bot.stop()
        await know(home, channels)
        await home.start_bot()
        for channel in channels:
            home.say("a word in passing", channel)
        await house.first_write(home, "@Mira is there tea?")
        resident, foreign = house.resident_megabytes(home), house.foreign_children(home)
    return [
        Figure("the bot’s process with 1,000 rooms known", resident, 150, "MB", "resident"),
        Figure("child processes beside Codex and the store", len(foreign), 0, ""),
    ]


async def replay(folder: Path) -> list[Figure]:
    async with house.open_house(folder, {"mira": ""}) as home:
        await home.start_bot()
        seconds, calls = await house.replay_seconds(home, 2_000)
    assert calls == 0, f"{calls} calls of the model"
    return [Figure("replay of 2,000 messages", seconds, 0.5, "s", "no model call")]


def _models() -> list[str]:
    binary = launch.find_binary(None, None)
    listed = subprocess.run(
        [binary, "debug", "models", "--bundled"], capture_output=True, check=True
    )
    return [model["slug"] for model in json.loads(listed.stdout)["models"]]


async def _own_tools() -> list[str]:
    """Return the names of the tools that our MCP servers offer."""
    servers = (
        action.create_server(NoRoom(), rng=random.SystemRandom(), now=lambda: datetime.now(UTC)),
        guidelines.create_server(NoRoom()),
    )
    return [tool.name for server in servers for tool in await server.list_tools()]


def _conversation(messages: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the conversation's messages: people's have our header, the character's the script."""
    return [text for _, text in messages if text.startswith("[Ann · ") or text == house.ANSWER]


def _ratio(name: str, taken: float, base: float, goal: float) -> Figure:
    return Figure(name, taken / base, goal, "×", f"{taken:.0f} ms; bare client {base:.0f} ms")


def _note(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Check the commit out into a temporary work tree."""
    place = folder / "before"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(place), commit], check=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def main() -> int:
    names = list(parts(None))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--json", action="store_true", help="print the figures for machines")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        default=names,
        metavar="PART",
        help=f"these parts alone: {', '.join(names)}",
    )
    parser.add_argument(
        "--before", metavar="COMMIT", help="measure an older commit beside this one"
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        before = None
        if options.before is not None:
            before = stack.enter_context(checkout(options.before, folder))
        figures = asyncio.run(measure(folder, options.only, before))
    print(as_json(figures) if options.json else table(figures))
    if options.write:
        write_into(house.ROOT_README, figures)
    missed = [figure.name for figure in figures if not figure.met]
    if missed:
        print("\nnot reached: " + "; ".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
