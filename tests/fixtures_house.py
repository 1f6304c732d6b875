"""A whole house for tests: the bot as a process, on real Codex, a real Valkey, real sockets."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from sandbox.discord import Limits
from sandbox.house import House

Furnish = Callable[..., Any]


@pytest.fixture(scope="session")
def openapi() -> Path | None:
    """Discord's own description of its API, where it is at hand."""
    file = Path(__file__).parents[2] / "shared" / "discord-api" / "openapi.json"
    return file if file.is_file() else None


@pytest_asyncio.fixture
async def furnish(tmp_path: Path, openapi: Path | None) -> AsyncIterator[Furnish]:
    """Make a house with a script for its model; it is left, and looked over, at the end."""
    async with AsyncExitStack() as stack:
        houses: list[House] = []

        async def make(*script: Any, start: bool = True, **more: Any) -> House:
            more.setdefault("limits", Limits.off())
            more.setdefault("on_line", print)  # shown by pytest when the test fails
            house = House(
                tmp_path,
                parent_env=dict(os.environ),
                script=script,
                openapi=openapi,
                **more,
            )
            houses.append(await stack.enter_async_context(house))
            if start:
                await house.start_bot()
            return house

        yield make
        for house in houses:
            assert house.discord.record.violations == []
            assert "Traceback" not in "\n".join(house.bot.lines)


def app_servers(house: House) -> list[psutil.Process]:
    """The app-servers of the house's bot."""
    children = psutil.Process(house.bot.pid).children(recursive=True)
    return [child for child in children if "app-server" in " ".join(child.cmdline())]
