"""Pools of peers: small programs in place of Codex, where only processes matter."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.codex.options import LaunchSpec
from bot.codex.pool import Pool, PoolOptions
from bot.codex.registry import Registry
from bot.domain.character import Character
from bot.log import Redactor
from bot.tasks import Tasks
from tests.codex_kit import character

PEERS = Path(__file__).parent / "integration" / "codex" / "peers.py"
ANNA, BO, CLEO, DAN = (character(name) for name in ("anna", "bo", "cleo", "dan"))


class Ways:
    """How each character's process behaves; good unless said otherwise. Counts the starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ways: dict[str, str] = {}
        self.started: list[str] = []

    def spec(self, who: Character, bearer: str) -> LaunchSpec:
        self.started.append(who.key)
        argv = (sys.executable, "-S", str(PEERS), self.ways.get(who.key, "good"))
        return LaunchSpec(argv, {"PATH": os.environ["PATH"]}, self.folder)


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    return Ways(tmp_path)


@asynccontextmanager
async def pool_of(ways: Ways, *, hooks: Any = None, **options: Any) -> AsyncIterator[Pool]:
    pool = Pool(
        spec_for=ways.spec,
        registry=Registry(ways.folder / "run"),
        redactor=Redactor(),
        options=PoolOptions(**({"queue_timeout": 5.0} | options)),
        **(hooks or {}),
    )
    async with pool:
        yield pool
    assert not list((ways.folder / "run").glob("*.json"))


async def touch(pool: Pool, who: Character) -> int:
    """Lease once; the pid."""
    async with pool.lease(who) as instance:
        return instance.process.pid


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks("test") as held:
        yield held
