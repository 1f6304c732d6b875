"""llama.cpp's server as a process of its own, on loopback. Owns its start and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

START_WITHIN = 120.0
"""Seconds until the model must be loaded, from a cold disk."""
_STOP_WITHIN = 5.0
_LOOK_EVERY = 0.2
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


class EngineError(Exception):
    """An engine could not be started; the sentence is for people."""


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    """What the server is started with."""

    program: Path
    model: Path
    """A GGUF file."""
    alias: str
    """The name by which the endpoint calls the model."""
    log: Path
    """Everything that the server prints."""
    window: int = 8192
    """Tokens of context of each conversation."""
    slots: int = 4
    """Conversations that are kept warm at once: each character's persona is read but once."""
    longest_answer: int = 400
    """Tokens; small models do not always end by themselves."""
    threads: int = max(1, (os.cpu_count() or 2) // 2)
    """Half of the cores: engine threads wait for one another, and the bot would hold one up."""


class LlamaServer:
    """`async with LlamaServer(options, parent_env) as server`: ready inside, gone afterwards."""

    def __init__(self, options: LlamaOptions, parent_env: Mapping[str, str]) -> None:
        self.options = options
        self._env = {name: parent_env[name] for name in _PASSED_ON if name in parent_env}
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What CODEX_BASE_URL takes."""
        return f"{self.origin}/v1"

    async def __aenter__(self) -> Self:
        options = self.options
        options.log.parent.mkdir(parents=True, exist_ok=True)
        with options.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(options.program), "--model", str(options.model), "--alias", options.alias),
                *("--host", "127.0.0.1", "--port", str(self._port)),
                *("--ctx-size", str(options.window * options.slots)),
                *("--parallel", str(options.slots), "--threads", str(options.threads)),
                *("--predict", str(options.longest_answer), "--jinja"),
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us: the end of the server is ours to order
            )
        try:
            await self._ready()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def _ready(self) -> None:
        process = self._process
        assert process is not None
        try:
            async with asyncio.timeout(START_WITHIN), aiohttp.ClientSession() as session:
                while not await answers(session, f"{self.origin}/health"):
                    if process.returncode is not None:
                        raise EngineError(self._refusal(f"ended with status {process.returncode}"))
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            raise EngineError(self._refusal(f"was not ready in {START_WITHIN:g} s")) from None

    def _refusal(self, what: str) -> str:
        lines = self.options.log.read_text("utf-8", "replace").splitlines()
        last = f" Its last line: {lines[-1][:200]}" if lines else ""
        return f"llama-server {what}.{last}"

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()


async def answers(session: aiohttp.ClientSession, url: str) -> bool:
    """Whether an address answers 200 within two seconds."""
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=2)) as reply:
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
