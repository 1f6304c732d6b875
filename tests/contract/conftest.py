"""The minds that one suite holds for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.minds import Twin, World, codex_world


@pytest.fixture(params=["codex", "twin"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Real Codex, then its twin."""
    if request.param == "twin":
        yield Twin()
        return
    async with codex_world(tmp_path) as opened:
        yield opened
