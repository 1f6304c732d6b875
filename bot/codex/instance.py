"""One app-server of one character: start, handshake, Codex threads, turns, end.

Owns the table of this process's Codex threads. The pool decides which characters have a process,
and for how long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from bot.codex import protocol
from bot.codex.failures import (
    ThreadHeldError,
    is_held,
    is_interruption,
    is_lost,
    is_unknown_turn,
)
from bot.codex.handshake import shake_hands
from bot.codex.launch import refusal
from bot.codex.options import LaunchSpec
from bot.codex.process import Process
from bot.codex.protocol import Question, ThreadSettings
from bot.codex.registry import Registry
from bot.codex.router import Router
from bot.codex.stream import TurnStream
from bot.codex.threads import Known, Threads
from bot.codex.tool_calls import ToolCalls
from bot.codex.transport import Params, Transport
from bot.codex.turns import Turns
from bot.domain.room import Seat
from bot.domain.tool_calls import ServeTool
from bot.domain.turn import Line
from bot.errors import (
    CodexError,
    RequestTimeoutError,
    RpcError,
    SessionRecoveryError,
    TransportClosedError,
)
from bot.log import Redactor
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Deadline of a request on a Codex thread: it is read from disk, which takes 0.2 s for a history of
# thousands of lines (measured).
THREAD_SECONDS = 10.0
# How many turns to list after a load: a process that died may have left turns unrecorded.
TURNS_LISTED = 32
# How long to wait for another writer of a Codex thread: our own last process, still ending.
HELD_SECONDS = 5.0
# Deadline of a ping.
PING_SECONDS = 5.0


class Instance:
    """A running app-server. Create it with `start`, end it with `close`."""

    def __init__(
        self,
        registry: Registry,
        on_ended: Callable[[Instance], None],
        serve_tool: ServeTool | None,
    ) -> None:
        self.condemned: str | None = None
        """Why it must not be used any more; None while it is usable."""
        self.last_error = ""
        self.turns_done = 0
        self.turns_running = 0
        self.tokens = 0
        self._closing = False
        self._registry = registry
        self._on_ended = on_ended
        self._threads = Threads()
        self._router = Router(on_unloaded=self._threads.unloaded, on_total=self._threads.counted)
        self._tool_calls = ToolCalls(serve_tool, lambda *given: self._transport.answer(*given))
        self._tasks = Tasks("codex-instance")
        self._transport: Transport
        self._turns: Turns

    @classmethod
    async def start(
        cls,
        spec: LaunchSpec,
        *,
        redactor: Redactor,
        silence: float,
        registry: Registry,
        on_ended: Callable[[Instance], None],
        serve_tool: ServeTool | None = None,
    ) -> Instance:
        """Start the process of `spec` and do the handshake.

        `silence` is `CODEX_TURN_TIMEOUT`. `registry` lists the process while it lives.
        `serve_tool` runs the calls of tools that are plain functions; with None they are declined.
        `on_ended` is called once, when the process ends unexpectedly or is condemned, and must
        return at once.
        Raises `CodexMissingError`, `CodexRefusedError`, `CodexLoginError`, `RequestTimeoutError`.
        """
        instance = cls(registry, on_ended, serve_tool)
        transport = await Transport.open(
            spec,
            redactor=redactor,
            on_notification=instance._on_notification,
            on_request=instance._tool_calls.take,
            on_closed=instance._on_closed,
        )
        instance._transport = transport
        instance._turns = Turns(
            transport, instance._router, silence=silence, condemn=instance.condemn
        )
        try:
            await registry.add(transport.process)
            await shake_hands(transport)
        except BaseException:
            await asyncio.shield(instance._tasks.start("give up", instance.close()))
            raise
        return instance

    # --- state -------------------------------------------------------------------------------

    @property
    def process(self) -> Process:
        """The child process."""
        return self._transport.process

    @property
    def usable(self) -> bool:
        """Whether it runs and is not condemned."""
        return self.condemned is None and not self._transport.closed

    @property
    def well(self) -> bool:
        """Whether it is usable, or ending because of `close`."""
        return self.condemned is None and (self._closing or not self._transport.closed)

    @property
    def threads(self) -> Threads:
        """The table of its Codex threads, for reading only."""
        return self._threads

    def owns(self, thread_id: str) -> Seat | None:
        """Return the seat of a Codex thread; None if another process has it."""
        return self._threads.seat(thread_id)

    def condemn(self, reason: str) -> None:
        """Mark it as unusable and have the pool replace it; no effect once it is closed."""
        if self.condemned is None and not self._transport.closed:
            log.error("app-server %d is given up: %s", self.process.pid, reason)
            self.condemned = self.last_error = reason
            self._on_ended(self)

    async def ping(self) -> None:
        """Send a cheap request; condemn the process when no answer comes."""
        try:
            await self._transport.request(
                "thread/loaded/list", protocol.loaded_threads(), timeout=PING_SECONDS
            )
        except CodexError as error:
            self.condemn(str(error))

    async def close(self) -> None:
        """End the process and wait for it; see `Process.stop` for the deadlines."""
        self._closing = True
        await self._transport.close()
        await self._turns.close()
        await self._tool_calls.close()
        await self._tasks.close()
        if self.process.returncode is not None:
            await self._registry.remove(self.process)

    def _on_notification(self, method: str, params: dict[str, Any]) -> None:
        self._router.heard(method, params)
        self._tool_calls.heard(method, params)

    def _on_closed(self, error: TransportClosedError) -> None:
        self._router.fail_all(error)
        self._tool_calls.cancel()
        if self.condemned is None and not self._closing:
            self.last_error = refusal(error.stderr) or str(error)
            log.warning("%s unexpectedly: %s", error, self.last_error)
            self._on_ended(self)

    # --- Codex threads -----------------------------------------------------------------------

    async def load(self, seat: Seat, thread_id: str, settings: ThreadSettings) -> tuple[str, ...]:
        """Load the seat's Codex thread; no request is needed when it is loaded already.

        Returns the ids of its newest turns, oldest first, if it had to be loaded or may contain
        unrecorded turns (2–4 ms, measured); otherwise an empty tuple. Raises `SessionRecoveryError`
        when it is lost, `ThreadHeldError` when another process keeps writing it.
        """
        entry = self._threads.know(thread_id)
        entry.seat = seat
        if entry.loaded and not entry.unsure:
            return ()
        async with entry.lock:
            await self._resume(entry, settings)
            turns = await self._newest_turns(entry)
            entry.unsure = False
        return turns

    async def begin(self, seat: Seat, history: Sequence[Line], settings: ThreadSettings) -> str:
        """Start a Codex thread for `seat` that contains `history`; return its id."""
        answer = await self._request("thread/start", protocol.thread_start(settings))
        opened = protocol.read(protocol.ThreadOpened, "thread/start", answer)
        entry = self._threads.know(opened.thread.id)
        entry.seat, entry.loaded, entry.kept = seat, True, False
        entry.used = asyncio.get_running_loop().time()
        if history:
            await self._inject(entry, history)
        self._unload(self._threads.replaced(seat, entry.thread_id))
        return entry.thread_id

    async def revert(self, thread_id: str, turn_id: str, settings: ThreadSettings) -> None:
        """Roll the Codex thread back to before that turn; an unknown turn is no error.

        Raises `SessionRecoveryError`, also for a Codex thread with nothing on disk yet: Codex
        unloads such a thread when asked to revert it (measured).
        """
        entry = self._threads.know(thread_id)
        async with entry.lock:
            await self._resume(entry, settings)
            try:
                await self._thread_request(
                    entry, "thread/revert", protocol.thread_revert(thread_id, turn_id)
                )
            except RpcError as error:
                if not is_unknown_turn(error):
                    raise
            else:
                entry.reverted(turn_id)

    async def inject(self, thread_id: str, lines: Sequence[Line], settings: ThreadSettings) -> None:
        """Append `lines` to the Codex thread, once its running turn has ended.

        Codex writes them to disk at once, and a revert keeps lines injected before the turn that it
        rolls back to: also in another process, and after other reverts (measured). Raises
        `SessionRecoveryError`.
        """
        entry = self._threads.know(thread_id)
        async with entry.lock:
            await self._resume(entry, settings)
            await self._inject(entry, lines)

    async def steer(self, thread_id: str, turn_id: str, words: str) -> bool:
        """Add `words` to the turn's question; False unless it runs and has no words yet.

        Measured with 0.163.0. Before the first words, and right after `turn/start`, Codex drops its
        request to the model and sends a new one with both texts. Between words it would keep the
        partial answer as a message and ask again, which splits the answer, so such a turn is not
        steered. After the end it refuses: “no active turn to steer”, or “expected active turn
        id … but found …”. Raises `TransportClosedError` when no answer came: `words` may have been
        added.
        """
        if not self._router.waiting(thread_id, turn_id):
            return False
        params = protocol.turn_steer(thread_id, turn_id, Question(words))
        try:
            await self._request("turn/steer", params)
        except RpcError as error:
            log.info("turn %s is not steered: %s", turn_id, error)
            return False
        return True

    @asynccontextmanager
    async def turn(
        self, thread_id: str, question: Question, settings: ThreadSettings
    ) -> AsyncIterator[TurnStream]:
        """Run a turn that answers `question`; see `Turns.run`.

        A Codex thread that Codex has unloaded is loaded again; it is lost only if that fails.
        """
        entry = self._threads.know(thread_id)
        self.turns_running += 1
        entry.turns += 1
        stream: TurnStream | None = None
        try:
            async with AsyncExitStack() as stack:
                stream = await self._start_turn(stack, entry, question, settings)
                yield stream
        finally:
            self.turns_running -= 1
            entry.turns -= 1
            self._after_turn(entry, stream)

    async def _start_turn(
        self, stack: AsyncExitStack, entry: Known, question: Question, settings: ThreadSettings
    ) -> TurnStream:
        warm = entry.loaded
        if not warm:
            async with entry.lock:
                await self._resume(entry, settings)
        running = self._turns.run(entry, question)
        try:
            return await stack.enter_async_context(running)
        except SessionRecoveryError:
            entry.loaded = False
            if not warm:
                self._threads.forget(entry.thread_id)
                raise
        return await self._start_turn(stack, entry, question, settings)

    async def _resume(self, entry: Known, settings: ThreadSettings) -> None:
        if entry.loaded:
            return
        params = protocol.thread_resume(entry.thread_id, settings)
        waiting = AsyncRetrying(
            retry=retry_if_exception_type(ThreadHeldError),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
            stop=stop_after_delay(HELD_SECONDS),
            reraise=True,
        )
        await waiting(self._thread_request, entry, "thread/resume", params)
        entry.loaded = True
        entry.used = asyncio.get_running_loop().time()

    async def _newest_turns(self, entry: Known) -> tuple[str, ...]:
        """Return the ids of the newest `TURNS_LISTED` turns, oldest first."""
        method, params = "thread/turns/list", protocol.thread_turns(entry.thread_id, TURNS_LISTED)
        answer = await self._thread_request(entry, method, params)
        listed = protocol.read(protocol.TurnsListed, method, answer)
        return tuple(turn.id for turn in reversed(listed.data))

    async def _inject(self, entry: Known, lines: Sequence[Line]) -> None:
        params = protocol.thread_inject(entry.thread_id, lines)
        await self._thread_request(entry, "thread/inject_items", params)
        entry.kept = True

    async def _thread_request(self, entry: Known, method: str, params: Params) -> object:
        """Send a request on a Codex thread. Raises `SessionRecoveryError` when it is lost."""
        try:
            return await self._request(method, params)
        except RpcError as error:
            if is_lost(error):
                raise self._lost(entry.thread_id, error) from error
            raise

    def _lost(self, thread_id: str, error: RpcError) -> SessionRecoveryError:
        self._threads.forget(thread_id)
        return SessionRecoveryError(thread_id, error.text)

    def _after_turn(self, entry: Known, stream: TurnStream | None) -> None:
        """Count the tokens of an ended turn, and unload the Codex threads over the limit."""
        entry.used = asyncio.get_running_loop().time()
        if stream is None:
            return
        self.turns_done += 1
        entry.ran(stream.turn_id or "", stream.total)
        self.tokens += stream.usage.total_tokens
        entry.kept = entry.kept or stream.error is None
        if stream.error is not None and not is_interruption(stream.error):
            self.last_error = str(stream.error)
        self._unload(self._threads.spare())

    def _unload(self, threads: Sequence[Known]) -> None:
        for entry in threads:
            # From here on its events may be missing (measured), so it counts as unloaded at once.
            entry.loaded = False
            self._tasks.start("unload", self._unsubscribe(entry))

    async def _unsubscribe(self, entry: Known) -> None:
        try:
            async with entry.lock:
                if not entry.loaded:
                    params = protocol.thread_unsubscribe(entry.thread_id)
                    await self._request("thread/unsubscribe", params)
        except CodexError as error:
            log.info("Codex thread %s is not unloaded: %s", entry.thread_id, error)

    # --- requests ----------------------------------------------------------------------------

    async def _request(self, method: str, params: Params) -> object:
        """Send a request. On a timeout the process is condemned, and `TransportClosedError` has
        the caller lease another process and retry.
        """
        try:
            return await self._transport.request(method, params, timeout=THREAD_SECONDS)
        except RequestTimeoutError as error:
            self.condemn(str(error))
            raise TransportClosedError(str(error), self.process.stderr) from error
        except RpcError as error:
            if is_held(error):
                raise ThreadHeldError(method, error.code, error.text) from error
            raise
