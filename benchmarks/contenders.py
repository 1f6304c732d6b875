"""What is measured side by side: a bare app-server client, and the whole bot, one turn at a time.

All of them are alive at once and take their blocks of turns in rotation, so whatever else the
machine does meets them alike.
"""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks import bare, house
from bot.codex.options import LaunchSpec
from sandbox.bare_client import BareClient
from sandbox.house import House

QUESTION = "@Mira is there tea?"
BOT, CODEX, STORE = "bot", "Codex", "store"


class Contender(Protocol):
    """Plays turns, and tells what its processes have used so far."""

    async def turn(self) -> float:
        """Play one turn to its end; seconds until its first words."""

    def cpu(self) -> Mapping[str, float]:
        """CPU seconds since the start, by part."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some turns of one contender in a row."""

    first_words: float
    """Seconds, the median."""
    cpu: Mapping[str, float]
    """CPU seconds a turn, by part."""


class BareContender:
    """One warm thread of a bare client."""

    def __init__(self, client: BareClient, thread: str) -> None:
        self._client, self._thread = client, thread

    async def turn(self) -> float:
        played = await self._client.turn(self._thread, bare.WORDS)
        assert played.first_delta is not None, played
        return played.first_delta

    def cpu(self) -> Mapping[str, float]:
        return {CODEX: _seconds(psutil.Process(self._client.pid))}


class HouseContender:
    """One warm room of the whole bot."""

    def __init__(self, home: House) -> None:
        self._home = home

    async def turn(self) -> float:
        return await house.first_write(self._home, QUESTION)

    def cpu(self) -> Mapping[str, float]:
        return bot_cpu(self._home)


def bot_cpu(home: House) -> dict[str, float]:
    """CPU seconds of the bot, its app-servers and its embedded store since their start."""
    bot = psutil.Process(home.bot.pid)
    used = {BOT: _seconds(bot), CODEX: 0.0, STORE: 0.0}
    for child in bot.children(recursive=True):
        line = " ".join(child.cmdline())
        used[CODEX if "codex" in line else STORE] += _seconds(child)
    return used


@asynccontextmanager
async def bare_contender(made: LaunchSpec) -> AsyncIterator[BareContender]:
    """A client with a warm thread."""
    async with bare.client(made) as client:
        contender = BareContender(client, await client.start_thread(bare.PERSONA))
        await contender.turn()
        yield contender


@asynccontextmanager
async def house_contender(folder: Path, code: Path) -> AsyncIterator[HouseContender]:
    """A bot of that checkout with a warm room."""
    async with house.open_house(folder, {"mira": ""}, code=code) as home:
        await home.start_bot()
        await house.warm_first_words(home, 1)
        yield HouseContender(home)


async def interleave(
    contenders: Mapping[str, Contender], *, blocks: int, turns: int
) -> dict[str, list[Block]]:
    """`blocks` blocks of `turns` turns of each, whose order rotates from block to block."""
    played: dict[str, list[Block]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(blocks):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            played[name].append(await _block(contenders[name], turns))
    return played


async def _block(contender: Contender, turns: int) -> Block:
    before = contender.cpu()
    first_words = [await contender.turn() for _ in range(turns)]
    used = {part: (spent - before[part]) / turns for part, spent in contender.cpu().items()}
    return Block(statistics.median(first_words), used)


def first_words(blocks: Sequence[Block]) -> list[float]:
    """Seconds until the first words, block by block."""
    return [block.first_words for block in blocks]


def cpu(blocks: Sequence[Block], part: str) -> list[float]:
    """CPU seconds a turn of one part, block by block."""
    return [block.cpu.get(part, 0.0) for block in blocks]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
