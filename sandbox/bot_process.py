"""The bot as a process of its own, against the stand-ins. Owns its start and its end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.tasks import Tasks

# The bot promises to be gone ten seconds after SIGTERM.
STOP_WITHIN = 12.0
LINES_KEPT = 400
# What the bot may know of our environment; the rest is said on purpose.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")

ROOT = Path(__file__).resolve().parent.parent


def environment(
    parent: Mapping[str, str], settings: Mapping[str, str], code: Path = ROOT
) -> dict[str, str]:
    """The bot's environment: what every program needs, and these settings.

    `code` is the checkout whose bot is run: another commit's can be measured beside this one's.
    """
    kept = {name: parent[name] for name in PASSED_ON if name in parent}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(code)} | dict(settings)


class BotProcess:
    """`python -m bot` in `folder` (where its `.env` would be), with these `arguments`.

    Its log lines go to `on_line`.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        folder: Path,
        on_line: Callable[[str], None] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._env = dict(env)
        self._folder = folder
        self._on_line = on_line
        self._arguments = arguments
        self._tasks = Tasks("bot process")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        assert self._process is not None, "the bot was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; it is ready when it has said so to Discord."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *self._arguments),
            env=self._env,
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C in a terminal reaches the whole group: the bot's end is ours to order.
            start_new_session=True,
        )
        self._tasks.start("log", self._read(self._process))

    async def stop(self) -> int:
        """SIGTERM, then SIGKILL; gives the exit status."""
        if self.running and self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_WITHIN)
            except TimeoutError:
                self._process.kill()
        return await self.ended()

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        if self.running and self._process is not None:
            self._process.kill()
        await self.ended()

    async def ended(self) -> int:
        """Wait for its end; gives the exit status."""
        status = 0 if self._process is None else await self._process.wait()
        await self._tasks.join(timeout=1)
        await self._tasks.close()
        return status

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            self.lines.append(line)
            if self._on_line is not None:
                self._on_line(line)
