"""The baseline of all ratios: a bare app-server client that plays the same turns."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from bot.codex import launch
from bot.codex.options import CodexOptions, LaunchSpec
from sandbox.bare_client import BareClient, BareTurn
from sandbox.model import ModelServer

PERSONA = "You are Mira, who keeps an inn."
WORDS = "[Ann · 80351110224678912 · 21 Nov 12:00 UTC]\n  @Mira is there tea?"


async def spec(folder: Path, model: ModelServer) -> LaunchSpec:
    """Return the bot's own lean launch profile without MCP servers, the minimum for a character."""
    parent = dict(os.environ)
    options = CodexOptions(
        binary=launch.find_binary(None, parent.get("PATH")),
        home=folder / "home",
        work_dir=folder / "work",
        data_dir=folder,
    )
    options = replace(options, base_url=model.base_url, api_key="key-of-the-scripted-model")
    return launch.build(options, await launch.prepare(options, parent), parent)


async def spec_as_it_comes(folder: Path, model: ModelServer) -> LaunchSpec:
    """Return `spec` without two optimisations: the bot's TLS roots and its empty folders.

    Codex then loads TLS roots and searches for the folders by itself.
    """
    made = await spec(folder, model)
    for name in ("skills", ".agents"):
        shutil.rmtree(folder / "home" / name)
    kept = {key: value for key, value in made.env.items() if not key.startswith("SSL_CERT_")}
    return replace(made, env=kept)


def client(made: LaunchSpec) -> BareClient:
    return BareClient(made.argv, made.env, made.cwd)


async def warm_first_words(made: LaunchSpec, turns: int) -> list[float]:
    """Return the seconds from the question to the first delta, in one warm Codex thread."""
    async with client(made) as bare:
        thread = await bare.start_thread(PERSONA)
        await bare.turn(thread, WORDS)
        return [_first(await bare.turn(thread, WORDS)) for _ in range(turns)]


async def cold_first_words(made: LaunchSpec, starts: int) -> list[float]:
    """Return the seconds from starting a process to the first delta of its first Codex thread."""
    taken = []
    for _ in range(starts):
        began = time.perf_counter()
        async with client(made) as bare:
            thread = await bare.start_thread(PERSONA)
            asked = time.perf_counter()
            taken.append(asked - began + _first(await bare.turn(thread, WORDS)))
    return taken


async def rooms_at_once(
    made: LaunchSpec, *, processes: int, rooms: int, rounds: int
) -> list[float]:
    """Return the wall-clock seconds of each round.

    A round is a simultaneous turn in `rooms` warm Codex threads, spread over `processes`.
    """
    async with AsyncExitStack() as stack:
        bares = [await stack.enter_async_context(client(made)) for _ in range(processes)]
        threads = [
            (bare, await bare.start_thread(PERSONA))
            for bare in bares
            for _ in range(rooms // processes)
        ]

        async def everyone() -> float:
            began = time.perf_counter()
            await asyncio.gather(*(bare.turn(thread, WORDS) for bare, thread in threads))
            return time.perf_counter() - began

        await everyone()
        return [await everyone() for _ in range(rounds)]


def _first(turn: BareTurn) -> float:
    assert turn.first_delta is not None, turn
    return turn.first_delta
