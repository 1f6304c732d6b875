"""A proxy in front of Redis that counts round trips, that is, how often the bot waits for it."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

_BLOCK = 65536


class CountingProxy:
    """Use `async with CountingProxy(port) as proxy`, and give the bot `proxy.redis_url`.

    Everything sent before the next reply counts as one round trip, pipelined or not.
    """

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._server: asyncio.Server | None = None
        self.round_trips = 0

    @property
    def redis_url(self) -> str:
        """The value for REDIS_URL."""
        assert self._server is not None, "not started"
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def _pass_on(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", self._target)
        waiting = False

        async def requests() -> None:
            nonlocal waiting
            while block := await asking.read(_BLOCK):
                if not waiting:
                    waiting, self.round_trips = True, self.round_trips + 1
                to_redis.write(block)
            to_redis.close()

        async def replies() -> None:
            nonlocal waiting
            while block := await from_redis.read(_BLOCK):
                waiting = False
                answering.write(block)
            answering.close()

        await asyncio.gather(requests(), replies(), return_exceptions=True)
