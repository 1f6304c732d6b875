"""The whole HTTP app on a real socket, with a bot to look at that the test may change."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.web.parts import Web


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    web = Web()
    async with web.server:
        yield web
