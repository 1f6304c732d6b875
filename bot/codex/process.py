"""One child process: its pipes, its process group, its stderr and its end. Knows no JSON.

Built on asyncio's protocol callbacks instead of its streams: output is handled in the event loop's
own callback, so no waiting task can keep it from being read.

The child leads its own session and process group, so that a signal reaches its children too. When
this process ends in any way, the child's stdin closes, and Codex ends itself (measured: ~50 ms).
That relies on Python's pipes not being inherited by other children.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
from collections import deque
from collections.abc import Callable

import psutil

from bot.codex.lines import LineSplitter
from bot.codex.options import LaunchSpec
from bot.codex.rate_limited_log import RateLimitedLog
from bot.errors import CodexMissingError, CodexRefusedError, TransportClosedError
from bot.log import Redactor
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# The longest line of stdout in bytes; a message with pictures normally takes megabytes.
LINE_LIMIT = 64 * 1024 * 1024
# The longest line of stderr in bytes; a longer one is dropped.
STDERR_LINE_LIMIT = 64 * 1024
# Characters kept of a line of stderr.
STDERR_KEPT = 2_000
# How many of the last lines of stderr are kept for errors.
STDERR_LINES = 50
# The most bytes written to a pipe at once; larger lines are written in pieces.
WRITE_CHUNK = 64 * 1024
# How long to wait, after the end of stdout, for stderr to end: its last line says why.
STDERR_GRACE = 0.25
# How long stdout may stay open after the process ended, when a grandchild holds it.
STDOUT_GRACE = 1.0
# Deadlines in seconds of the three steps of `Process.stop`.
EOF_SECONDS = 1.5
TERM_SECONDS = 1.0
KILL_SECONDS = 2.0

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Lines of stderr that are logged as warnings; all others are logged at DEBUG.
_TROUBLE = re.compile(r"^(?i:error|fatal):|\b(?:ERROR|FATAL|panicked at)\b")
# Reported at each start, even as an error (0.163.0); no program is ever run for a character.
_HARMLESS = re.compile(r"could not find bubblewrap|could not create PATH aliases")


class Process(asyncio.SubprocessProtocol):
    """A running child. `on_line` gets each line of stdout; `on_end` is called once, at the end.

    Both are called by the event loop and must return at once.
    """

    def __init__(
        self,
        spec: LaunchSpec,
        *,
        on_line: Callable[[bytes], None],
        on_end: Callable[[], None],
        redactor: Redactor,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._spec = spec
        self.argv0 = spec.argv[0]
        self.pid = 0
        self.created = 0.0
        self.returncode: int | None = None
        self.last_heard = loop.time()
        self._loop = loop
        self._on_line = on_line
        self._on_end = on_end
        self._redactor = redactor
        self._transport: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._out = LineSplitter(LINE_LIMIT)
        self._err = LineSplitter(STDERR_LINE_LIMIT)
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._writing = asyncio.Lock()
        self._writable = asyncio.Event()
        self._writable.set()
        self._exited = asyncio.Event()
        self._gone = asyncio.Event()
        self._open_pipes = {_STDOUT, _STDERR}
        self._ended = False
        self._tasks = Tasks("codex-process")
        self._noise = RateLimitedLog(log, logging.DEBUG)
        self._trouble = RateLimitedLog(log, logging.WARNING)

    async def launch(self) -> None:
        """Start the child, which may have ended before this returns.

        Raises `CodexMissingError`, `CodexRefusedError`.
        """
        spec = self._spec
        try:
            await self._loop.subprocess_exec(
                lambda: self,
                *spec.argv,
                env=dict(spec.env),
                cwd=spec.cwd,
                start_new_session=True,
                close_fds=True,
            )
        except OSError as error:
            # The error's file is the program or the working folder.
            if isinstance(error, FileNotFoundError) and error.filename == spec.argv[0]:
                raise CodexMissingError((spec.argv[0],)) from None
            raise CodexRefusedError(f"{error.filename}: {error.strerror}") from error

    @property
    def stderr(self) -> tuple[str, ...]:
        """The last lines of stderr, oldest first, with secrets redacted."""
        return tuple(self._stderr)

    @property
    def alive(self) -> bool:
        """Whether the process runs and its output can still be read."""
        return self.returncode is None and not self._ended

    def memory(self) -> int:
        """Return the resident memory of this process alone, in bytes; 0 once it has ended.

        Shared pages are left out: those of the binary, about half of the resident memory, exist
        once for all app-servers.
        """
        try:
            info = psutil.Process(self.pid).memory_info() if self.alive else None
        except psutil.Error:
            return 0
        return int(info.rss - getattr(info, "shared", 0)) if info is not None else 0

    async def last_words(self) -> tuple[str, ...]:
        """Return the last lines of stderr, after a short wait for the process to end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STDOUT_GRACE):
                await self._gone.wait()
        return self.stderr

    # --- writing -----------------------------------------------------------------------------

    async def write(self, line: bytes) -> None:
        """Write a whole line, newline included; a cancellation never leaves half of it written.

        Raises `TransportClosedError`.
        """
        if len(line) <= WRITE_CHUNK:
            async with self._writing:
                self._put(line)
            await self._writable.wait()
            return
        whole = self._tasks.start("write", self._write_in_pieces(line))
        if not await asyncio.shield(whole):
            raise TransportClosedError("the app-server is gone", self.stderr)

    async def _write_in_pieces(self, line: bytes) -> bool:
        view = memoryview(line)
        async with self._writing:
            for start in range(0, len(line), WRITE_CHUNK):
                if not self.alive or self._stdin is None:
                    return False
                self._put(view[start : start + WRITE_CHUNK])
                await self._writable.wait()
        return True

    def _put(self, data: bytes | memoryview) -> None:
        if self._stdin is None or self._stdin.is_closing() or not self.alive:
            raise TransportClosedError("the app-server is gone", self.stderr)
        self._stdin.write(data)

    # --- the end -----------------------------------------------------------------------------

    async def stop(self) -> None:
        """End the child: close stdin, then SIGTERM, then SIGKILL, to the whole group.

        Returns when it has ended, after `EOF_SECONDS + TERM_SECONDS + KILL_SECONDS` at most.
        """
        if self._stdin is not None:
            self._stdin.close()
        if not await self._exits_within(EOF_SECONDS):
            self._signal(signal.SIGTERM)
            if not await self._exits_within(TERM_SECONDS):
                log.warning("app-server %d does not end; killing it", self.pid)
                self._signal(signal.SIGKILL)
                await self._exits_within(KILL_SECONDS)
        # Grandchildren may outlive the child, so the whole group is killed.
        self._signal(signal.SIGKILL)
        await self._tasks.close()
        if self._transport is not None:
            self._transport.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STDOUT_GRACE):
                await self._gone.wait()

    async def _exits_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._exited.wait()
        except TimeoutError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    # --- asyncio's protocol callbacks --------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the process id and the stdin of the child that was started."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self.pid = transport.get_pid()
        stdin = transport.get_pipe_transport(_STDIN)
        assert isinstance(stdin, asyncio.WriteTransport)
        self._stdin = stdin
        with contextlib.suppress(psutil.Error):
            self.created = psutil.Process(self.pid).create_time()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Split output into lines: stdout goes to `on_line`, stderr is kept and logged."""
        self.last_heard = self._loop.time()
        if fd == _STDERR:
            for line in self._err.feed(data):
                self._keep_stderr(line)
            return
        dropped = self._out.dropped
        for line in self._out.feed(data):
            self._on_line(line)
        if self._out.dropped > dropped:
            log.error("app-server %d: a line over %d bytes was dropped", self.pid, LINE_LIMIT)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's
        """Report the end of the child once its stdout, and stderr if soon enough, has ended."""
        if fd == _STDIN:
            self._stdin = None
            self._writable.set()
            return
        self._open_pipes.discard(fd)
        if fd == _STDERR:
            self._keep_stderr(self._err.rest())
            if _STDOUT not in self._open_pipes:
                self._report_end()
        elif _STDERR in self._open_pipes:
            self._loop.call_later(STDERR_GRACE, self._report_end)
        else:
            self._report_end()

    def process_exited(self) -> None:
        """Take the exit status; report the end even if a grandchild keeps stdout open."""
        if self._transport is not None:
            self.returncode = self._transport.get_returncode()
        self._exited.set()
        self._loop.call_later(STDOUT_GRACE, self._report_end)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's
        """Report the end: the process has exited and all pipes are closed."""
        self._report_end()
        self._gone.set()
        if self._transport is not None:
            self._transport.close()

    def pause_writing(self) -> None:
        """Block writers: the stdin buffer is full."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Release writers: the stdin buffer has room."""
        self._writable.set()

    def _keep_stderr(self, line: bytes) -> None:
        text = _COLOURS.sub("", line.decode("utf-8", "replace")).strip()
        text = self._redactor.cut(text)[:STDERR_KEPT]
        if text:
            self._stderr.append(text)
            matters = _TROUBLE.search(text) and not _HARMLESS.search(text)
            trickle = self._trouble if matters else self._noise
            trickle.log("app-server %d: %s", self.pid, text)

    def _report_end(self) -> None:
        if not self._ended:
            self._ended = True
            self._writable.set()
            self._on_end()
