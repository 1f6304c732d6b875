"""The contenders measured against each other: a bare app-server client and the whole bot.

All of them run at once and play blocks of turns in rotation, so that other load on the machine
affects them equally.
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
    """Plays turns, and reports the CPU time of its processes."""

    async def turn(self) -> float:
        """Play one turn to its end and return the seconds until its first words."""

    def cpu(self) -> Mapping[str, float]:
        """Return the CPU seconds since the start, by part."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive turns of one contender."""

    first_words: float
    """Median seconds until the first words."""
    cpu: Mapping[str, float]
    """CPU seconds per turn, by part."""


class BareContender:
    """A bare client with one warm Codex thread."""

    def __init__(self, client: BareClient, thread: str) -> None:
        self._client, self._thread = client, thread

    async def turn(self) -> float:
        played = await self._client.turn(self._thread, bare.WORDS)
        assert played.first_delta is not None, played
        return played.first_delta

    def cpu(self) -> Mapping[str, float]:
        return {CODEX: _seconds(psutil.Process(self._client.pid))}


class HouseContender:
    """The whole bot with one warm room."""

    def __init__(self, home: House) -> None:
        self._home = home

    async def turn(self) -> float:
        return await house.first_write(self._home, QUESTION)

    def cpu(self) -> Mapping[str, float]:
        return bot_cpu(self._home)


def bot_cpu(home: House) -> dict[str, float]:
    """Return the CPU seconds of the bot, its app-servers and its embedded store since the start."""
    bot = psutil.Process(home.bot.pid)
    used = {BOT: _seconds(bot), CODEX: 0.0, STORE: 0.0}
    for child in bot.children(recursive=True):
        line = " ".join(child.cmdline())
        used[CODEX if "codex" in line else STORE] += _seconds(child)
    return used


@asynccontextmanager
async def bare_contender(made: LaunchSpec) -> AsyncIterator[BareContender]:
    """Start a bare client with a warm Codex thread."""
    async with bare.client(made) as client:
        contender = BareContender(client, await client.start_thread(bare.PERSONA))
        await contender.turn()
        yield contender


@asynccontextmanager
async def house_contender(folder: Path, code: Path) -> AsyncIterator[HouseContender]:
    """Start the bot of the checkout `code` with a warm room."""
    async with house.open_house(folder, {"mira": ""}, code=code) as home:
        await home.start_bot()
        await house.warm_first_words(home, 1)
        yield HouseContender(home)


async def interleave(
    contenders: Mapping[str, Contender], *, blocks: int, turns: int
) -> dict[str, list[Block]]:
    """Play `blocks` blocks of `turns` turns with each contender, rotating the order every block."""
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
    """Return the seconds until the first words, block by block."""
    return [block.first_words for block in blocks]


def cpu(blocks: Sequence[Block], part: str) -> list[float]:
    """Return the CPU seconds per turn of one part, block by block."""
    return [block.cpu.get(part, 0.0) for block in blocks]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
