"""The MCP servers, a model and real Codex processes, each ended with its test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from codex_cli_bin import bundled_codex_path

from bot.tasks import Tasks
from tests.integration.mcp.parts import SOON, Codex, House, Model, overrides


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with house.server:
        yield house


StartCodex = Callable[..., Any]


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    model = Model()
    async with model.server:
        yield model


@pytest.fixture
async def start_codex(house: House, model: Model, tmp_path: Path) -> AsyncIterator[StartCodex]:
    async with contextlib.AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(Tasks("codex"))

        async def start(
            bearer: str,
            servers: tuple[str, ...] = ("action", "guidelines"),
            extra: tuple[str, ...] = (),
        ) -> Codex:
            home = tmp_path / "home"
            work = tmp_path / "work"
            home.mkdir(exist_ok=True)
            work.mkdir(exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                str(bundled_codex_path()),
                "app-server",
                *overrides(house, model, servers),
                *(part for pair in extra for part in ("-c", pair)),
                cwd=work,
                env={"CODEX_HOME": str(home), "TROUPE_BEARER": bearer, "PATH": "/usr/bin:/bin"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=64 * 1024 * 1024,
            )
            stack.push_async_callback(_end, process)
            codex = Codex(process, tasks)
            await codex.greet()
            return codex

        yield start


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), SOON)
    except TimeoutError:
        process.kill()
        await process.wait()
