"""Carries out the faults of a plan, one task each, and puts everything right again at the end.

What each kind of fault does is here; when it comes is `plan`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import psutil

from bot.tasks import Tasks
from sandbox.discord import Permission
from sandbox.discord.world import webhooks
from sandbox.discord.world.model import Channel
from sandbox.house import READY_WITHIN, House
from tests.chaos.codex_program import CodexProgram
from tests.chaos.disk import Disk
from tests.chaos.plan import Fault, Kind
from tests.chaos.redis_server import RedisServer
from tests.chaos.script import Script

# Where a REST fault strikes: the webhook's sends twice as often as the rest.
_PATHS = (
    r"^/webhooks/\d+/[^/]+$",
    r"^/webhooks/\d+/[^/]+$",
    r"^/webhooks/\d+/[^/]+/messages/",
    r"^/channels/\d+/messages$",
    "",
)
# A snowflake counts milliseconds from its 22nd bit on.
_SECOND = 1_000 << 22
# For how many seconds after it a failure may still be told: starts that failed rest for a while,
# and a turn that was stopped with its process is given up for its silence.
_AFTERMATH = 15
# Requests that Codex makes for one turn before it gives up, and then some.
_UNTIL_CODEX_GIVES_UP = 16
_A_WHILE = 5.0
# How long what a killed bot had started may outlive the start of the next.
_ORPHANS_LIVE = 5.0
# Between two looks whether the bot still runs.
_LOOK = 0.5
_CODES = (1000, 1001, 4000, 4008, 4009)

_HTTP: dict[Kind, tuple[int, bool]] = {
    Kind.REST_429: (429, False),
    Kind.REST_500: (500, False),
    Kind.REST_502: (502, False),
    Kind.REST_502_DONE: (502, True),
}
_TROUBLE = {
    Kind.MODEL_429: "429",
    Kind.MODEL_500: "500",
    Kind.MODEL_OVERLOADED: "overloaded",
    Kind.MODEL_CUT: "cut",
}
_SPOILT = {
    Kind.APP_EOF_OUT: "eof-out",
    Kind.APP_EOF_IN: "eof-in",
    Kind.APP_GARBAGE: "garbage",
    Kind.APP_TORN: "torn",
}
_TAKEN = {
    Kind.NO_WEBHOOKS: Permission.MANAGE_WEBHOOKS,
    Kind.NO_HISTORY: Permission.READ_MESSAGE_HISTORY,
    Kind.NO_SENDING: Permission.SEND_MESSAGES,
}


class Breakage:
    """Breaks things. `tell` gets a line for each, with its time and its target."""

    def __init__(
        self,
        *,
        house: House,
        redis: RedisServer,
        script: Script,
        codex: CodexProgram,
        disk: Disk,
        rooms: Sequence[Channel],
        tell: Callable[[str], None],
    ) -> None:
        self.done: list[Fault] = []
        # The moments in which a bot was started again, as ids.
        self.starts: list[int] = []
        self._house = house
        self._redis = redis
        self._script = script
        self._codex = codex
        self._disk = disk
        self._rooms = rooms
        self._tell = tell
        self._began = time.monotonic()
        self._tasks = Tasks("chaos")
        self._bot_lock = asyncio.Lock()
        self._redis_lock = asyncio.Lock()
        self._disk_lock = asyncio.Lock()
        # How often the store has been away and is back.
        self._outages = 0
        self.failures: list[str] = []
        # From and to which id a turn could fail, and be told of: a disk was full, a process stood
        # still, or had just before.
        self.hard_times: list[tuple[int, int]] = []

    async def keep_running(self) -> None:
        """Start the bot again whenever it ended by itself, as whoever runs it would; for ever."""
        while True:
            await asyncio.sleep(_LOOK)
            async with self._bot_lock:
                if not self._house.bot.running:
                    said = self._house.bot.lines[-1] if self._house.bot.lines else "nothing"
                    self.failures.append(f"the bot ended by itself: {said[:300]}")
                    with contextlib.suppress(TimeoutError):
                        await self._start_bot()

    def start(self, fault: Fault) -> None:
        """Break it now; what takes time goes on beside the talk."""
        self.done.append(fault)
        self._tasks.start(fault.kind.name, self._carry_out(fault))

    async def mend(self, timeout: float) -> None:
        """Wait until nothing is broken any more."""
        await self._tasks.join(timeout)
        if len(self._tasks):
            self.failures.append(f"{len(self._tasks)} faults did not end in {timeout:g} s")
        await self._tasks.close()
        self._house.discord.faults.clear()
        self._script.calm()
        self._redis.resume()

    async def restart_bot(self) -> None:
        """In good order."""
        async with self._bot_lock:
            await self._end_bot()
            await self._start_bot()

    # --- one fault --------------------------------------------------------------------------

    async def _carry_out(self, fault: Fault) -> None:
        try:
            if fault.kind.name.startswith("APP_"):
                await self._app_server(fault)
            elif fault.kind.name.startswith("BOT_"):
                await self._bot(fault)
            elif fault.kind is Kind.POWER_CUT:
                await self._power_cut(fault)
            elif fault.kind.name.startswith("REDIS_"):
                await self._on_redis(fault)
            elif fault.kind.name.startswith("REST_"):
                self._rest(fault)
            elif fault.kind.name.startswith("MODEL_"):
                self._model(fault)
            elif fault.kind is Kind.DISK_FULL:
                await self._full_disk(fault)
            elif fault.kind in _TAKEN or fault.kind is Kind.WEBHOOK_GONE:
                await self._discord(fault)
            else:
                await self._gateway(fault)
        except Exception as error:  # noqa: BLE001 a fault that cannot be made fails the run
            self.failures.append(f"{fault.kind} could not be made: {error!r}")

    async def _app_server(self, fault: Fault) -> None:
        running = await self._some_app_servers()
        if not running:
            self._say(fault, "none runs")
            return
        victim = running[fault.pick % len(running)]
        if (spoilt := _SPOILT.get(fault.kind)) is not None:
            after = 3 + fault.pick % 40
            self._codex.spoil_next(spoilt, after)
            self._say(fault, f"the next one after {victim.pid}, from line {after} on")
        else:
            self._say(fault, f"process {victim.pid}")
        with contextlib.suppress(psutil.NoSuchProcess):
            if fault.kind not in (Kind.APP_PAUSE, Kind.APP_HANG):
                victim.kill()
                return
            with self._hard_time():
                victim.suspend()
                if fault.kind is Kind.APP_PAUSE:
                    await asyncio.sleep(0.5 + 2 * fault.seconds)
                    victim.resume()

    async def _bot(self, fault: Fault) -> None:
        async with self._bot_lock:
            self._say(fault, f"process {self._house.bot.pid}")
            if fault.kind is Kind.BOT_PAUSE:
                bot = psutil.Process(self._house.bot.pid)
                with self._hard_time():
                    bot.suspend()
                    await asyncio.sleep(1 + 3 * fault.seconds)
                    bot.resume()
                return
            if fault.kind is Kind.BOT_KILL:
                started = psutil.Process(self._house.bot.pid).children(recursive=True)
                await self._house.bot.kill()
            else:
                started = []
                await self._end_bot()
            await asyncio.sleep(fault.seconds)
            await self._start_bot()
            # They end with the bot; what is stopped, or waits for a model, is ended by the next.
            _, alive = await asyncio.to_thread(psutil.wait_procs, started, _ORPHANS_LIVE)
            self.failures += [f"{_named(one)} outlived a bot that was killed" for one in alive]

    async def _power_cut(self, fault: Fault) -> None:
        async with self._bot_lock, self._redis_lock:
            self._redis.pause()
            await self._house.bot.kill()
            lost = await self._redis.lose()
            self._say(fault, f"process {self._house.bot.pid}, {lost} bytes of the store")
            await asyncio.sleep(fault.seconds)
            await self._redis.start()
            await self._start_bot()

    async def _end_bot(self) -> None:
        began = time.monotonic()
        status = await self._house.bot.stop()
        took = time.monotonic() - began
        if status != 0:
            self.failures.append(f"SIGTERM ended the bot with status {status} after {took:.1f} s")

    async def _start_bot(self) -> None:
        """Start it and wait until it is ready: in the time that it promises once it is let in."""
        self.starts.append(self._house.world.ids.next())
        sessions = len(self._house.discord.record.sessions)
        await self._house.bot.start()
        hindered = -1
        while hindered != (hindered := self._hindrances()):
            with contextlib.suppress(TimeoutError):
                await self._house.connected(after=sessions)
                return
        raise TimeoutError(f"the bot was not ready within {READY_WITHIN:g} s")

    def _hindrances(self) -> int:
        """How much has kept a start from its end so far: refused connections, a store away."""
        return self._house.discord.record.turned_away + self._outages

    async def _on_redis(self, fault: Fault) -> None:
        async with self._redis_lock:
            seconds, lost = 0.2 + 4 * fault.seconds, ""
            if fault.kind is Kind.REDIS_KILL:
                await self._redis.kill()
            elif fault.kind is Kind.REDIS_LOSES:
                lost = f", {await self._redis.lose()} bytes lost"
            elif fault.kind is Kind.REDIS_PAUSE:
                self._redis.pause()
            else:
                await self._redis.fill(full=True)
            self._say(fault, f"for {seconds:.1f} s{lost}")
            await asyncio.sleep(seconds)
            if fault.kind in (Kind.REDIS_KILL, Kind.REDIS_LOSES):
                await self._redis.start()
            elif fault.kind is Kind.REDIS_PAUSE:
                self._redis.resume()
            else:
                await self._redis.fill(full=False)
            self._outages += 1

    async def _gateway(self, fault: Fault) -> None:
        gateway = self._house.discord.faults.gateway
        detail = ""
        match fault.kind:
            case Kind.OP7:
                gateway.reconnect()
            case Kind.OP9 | Kind.OP9_RESUMABLE:
                gateway.invalidate(resumable=fault.kind is Kind.OP9_RESUMABLE)
            case Kind.GATEWAY_CLOSE:
                detail = f"code {_CODES[fault.pick % len(_CODES)]}"
                gateway.close(_CODES[fault.pick % len(_CODES)])
            case Kind.GATEWAY_HOLD:
                detail = f"by {2 * fault.seconds:.1f} s"
            case Kind.GATEWAY_REFUSE:
                detail = f"{fault.times} times"
                gateway.refuse(fault.times)
                gateway.cut()
            case _:
                gateway.cut()
        self._say(fault, detail)
        if fault.kind is Kind.GATEWAY_HOLD:
            gateway.hold()
            await asyncio.sleep(2 * fault.seconds)
            gateway.release()

    def _rest(self, fault: Fault) -> None:
        faults, path = self._house.discord.faults, _PATHS[fault.pick % len(_PATHS)]
        self._say(fault, f"{fault.times} × {path or 'any request'}")
        if fault.kind is Kind.REST_SLOW:
            faults.delay(0.5 + 3 * fault.seconds, path=path, times=fault.times)
        elif fault.kind in _HTTP:
            status, done = _HTTP[fault.kind]
            wait = 0.1 + fault.seconds
            faults.answer(status, path=path, times=fault.times, carried_out=done, retry_after=wait)
        else:
            done = fault.kind is Kind.REST_RESET_DONE
            faults.reset(path=path, times=fault.times, carried_out=done)

    def _model(self, fault: Fault) -> None:
        if fault.kind is Kind.MODEL_DOWN:
            self._script.trouble("500", _UNTIL_CODEX_GIVES_UP)
        elif fault.kind is Kind.MODEL_HANG:
            self._script.trouble("hang late" if fault.pick % 2 else "hang")
        else:
            self._script.trouble(_TROUBLE[fault.kind])
        self._say(fault, "whoever asks next")

    async def _discord(self, fault: Fault) -> None:
        room, world = self._rooms[fault.pick % len(self._rooms)], self._house.world
        taken = _TAKEN.get(fault.kind)
        seconds = 1 + 4 * fault.seconds
        self._say(fault, f"in {room.name}" + (f" for {seconds:.1f} s" if taken else ""))
        if taken is not None:
            world.permit(room, self._house.application.id, deny=taken)
        if fault.kind in (Kind.NO_WEBHOOKS, Kind.WEBHOOK_GONE):
            for hook in webhooks.of_channel(world, room):
                webhooks.delete(world, hook)
        if taken is not None:
            await asyncio.sleep(seconds)
            world.permit(room, self._house.application.id)

    async def _full_disk(self, fault: Fault) -> None:
        async with self._disk_lock:
            seconds = 1 + 2 * fault.seconds
            self._say(
                fault, f"for {seconds:.1f} s" if self._disk.small else "no right to mount one"
            )
            if self._disk.small:
                with self._hard_time(), self._disk.full():
                    await asyncio.sleep(seconds)

    @contextlib.contextmanager
    def _hard_time(self) -> Iterator[None]:
        """What is told meanwhile, or soon after, is told with reason."""
        ids = self._house.world.ids
        began = ids.next()
        try:
            yield
        finally:
            self.hard_times.append((began, ids.next() + _AFTERMATH * _SECOND))

    # --- what runs ------------------------------------------------------------------------------

    async def _some_app_servers(self) -> list[psutil.Process]:
        """Those that run; waits a while for the first to be started."""
        deadline = time.monotonic() + _A_WHILE
        while not (running := self.app_servers()) and time.monotonic() < deadline:  # noqa: ASYNC110 nobody tells of a start
            await asyncio.sleep(0.1)
        return running

    def app_servers(self) -> list[psutil.Process]:
        """The app-servers of the bot that are Codex itself, oldest first."""
        try:
            children = psutil.Process(self._house.bot.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return sorted((one for one in children if self._is_codex(one)), key=_created)

    def _is_codex(self, process: psutil.Process) -> bool:
        try:
            argv = process.cmdline()
        except psutil.Error:
            return False
        return argv[:2] == [str(self._codex.path), "app-server"]

    def _say(self, fault: Fault, detail: str) -> None:
        since = time.monotonic() - self._began
        self._tell(f"{since:7.1f} s  at {fault.at:3}  {fault.kind.value}  {detail}".rstrip())


def _named(process: psutil.Process) -> str:
    try:
        said = " ".join(process.cmdline())[:120]
        return f"process {process.pid} ({process.status()}, of {process.ppid()}: {said})"
    except psutil.Error:
        return f"process {process.pid}"


def _created(process: psutil.Process) -> float:
    try:
        return process.create_time()
    except psutil.Error:
        return 0.0
