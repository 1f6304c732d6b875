"""A little bot for the tests to kill: runs the embedded server and says its pid."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.store.embedded import EmbeddedServer


async def main(data_dir: Path) -> None:
    async with EmbeddedServer(data_dir) as server:
        print(server.pid, flush=True)  # noqa: T201 how the test learns it
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
