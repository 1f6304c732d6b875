"""One app-server of one character: start, handshake, threads, turns, end.

Owns what this process has loaded and whose it is. Which characters have a process, and for
how long, is the pool's.
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

# Threads are read from disk; a history of thousands of lines takes 0.2 s (measured): one that
# needs longer than this hangs.
THREAD_SECONDS = 10.0
# Turns that a thread names when it is loaded: those that a process which died may have left.
TURNS_LISTED = 32
# How long another writer of a thread is waited for: our own last process, still ending.
HELD_SECONDS = 5.0
# What the sign of life may take.
PING_SECONDS = 5.0


class Instance:
    """A running app-server. Make it with `start`, end it with `close`.

    `condemned` says why it must not be used any more; None while it may be.
    """

    def __init__(
        self,
        registry: Registry,
        on_ended: Callable[[Instance], None],
        serve_tool: ServeTool | None,
    ) -> None:
        self.condemned: str | None = None
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
        """Start the process of `spec` and shake hands.

        `silence` is `CODEX_TURN_TIMEOUT`. The process is in `registry` while it lives.
        `serve_tool` makes the calls of tools that are plain functions; None declines them.
        `on_ended` is called once when it has ended or is condemned, and must return at once.
        Raises `CodexMissingError`, `CodexRefusedError`, `CodexLoginError`, `RequestTimeoutError`.
        """
        instance = cls(registry, on_ended, serve_tool)
        transport = await Transport.open(
            spec,
            redactor=redactor,
            on_notification=instance._heard,
            on_request=instance._tool_calls.take,
            on_closed=instance._closed,
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

    # --- what it is --------------------------------------------------------------------------

    @property
    def process(self) -> Process:
        """Its process."""
        return self._transport.process

    @property
    def usable(self) -> bool:
        """Whether it runs and obeys."""
        return self.condemned is None and not self._transport.closed

    @property
    def well(self) -> bool:
        """Whether it obeys, or is ending because it was asked to."""
        return self.condemned is None and (self._closing or not self._transport.closed)

    @property
    def threads(self) -> Threads:
        """Its threads; to be read only."""
        return self._threads

    def owns(self, thread_id: str) -> Seat | None:
        """The seat whose thread this is; None for a thread that is not of this process."""
        return self._threads.seat(thread_id)

    def condemn(self, reason: str) -> None:
        """It does not obey any more: whoever holds it must let it go."""
        if self.condemned is None and not self._transport.closed:
            log.error("app-server %d is given up: %s", self.process.pid, reason)
            self.condemned = self.last_error = reason
            self._on_ended(self)

    async def ping(self) -> None:
        """Ask for a sign of life; condemn it when there is none."""
        try:
            await self._transport.request(
                "thread/loaded/list", protocol.loaded_threads(), timeout=PING_SECONDS
            )
        except CodexError as error:
            self.condemn(str(error))

    async def close(self) -> None:
        """End the process in order and wait for it; see `Process.stop` for the deadlines."""
        self._closing = True
        await self._transport.close()
        await self._turns.close()
        await self._tool_calls.close()
        await self._tasks.close()
        if self.process.returncode is not None:
            await self._registry.remove(self.process)

    def _heard(self, method: str, params: dict[str, Any]) -> None:
        self._router.heard(method, params)
        self._tool_calls.heard(method, params)

    def _closed(self, error: TransportClosedError) -> None:
        self._router.fail_all(error)
        self._tool_calls.cancel()
        if self.condemned is None and not self._closing:
            self.last_error = refusal(error.stderr) or str(error)
            log.warning("%s by itself: %s", error, self.last_error)
            self._on_ended(self)

    # --- threads -----------------------------------------------------------------------------

    async def load(self, seat: Seat, thread_id: str, settings: ThreadSettings) -> tuple[str, ...]:
        """Make the thread of `seat` ready; a loaded one costs nothing.

        Gives the newest turns, oldest first, of one that had to be loaded, or may have turns that
        nobody knows of; 2–4 ms (measured). Raises `SessionRecoveryError` when it is lost,
        `ThreadHeldError` when another process writes it and goes on doing so.
        """
        known = self._threads.know(thread_id)
        known.seat = seat
        if known.loaded and not known.unsure:
            return ()
        async with known.lock:
            await self._resume(known, settings)
            turns = await self._newest_turns(known)
            known.unsure = False
        return turns

    async def begin(self, seat: Seat, history: Sequence[Line], settings: ThreadSettings) -> str:
        """Start a thread for `seat`, told `history`. Gives its id."""
        answer = await self._request("thread/start", protocol.thread_start(settings))
        opened = protocol.read(protocol.ThreadOpened, "thread/start", answer)
        known = self._threads.know(opened.thread.id)
        known.seat, known.loaded, known.kept = seat, True, False
        known.used = asyncio.get_running_loop().time()
        if history:
            await self._inject(known, history)
        self._let_go(self._threads.replaced(seat, known.thread_id))
        return known.thread_id

    async def revert(self, thread_id: str, turn_id: str, settings: ThreadSettings) -> None:
        """Drop that turn and all after it. Unknown turns are no error.

        Raises `SessionRecoveryError`: also for a thread of which nothing is on disk yet, which
        Codex unloads when asked to revert it (measured).
        """
        known = self._threads.know(thread_id)
        async with known.lock:
            await self._resume(known, settings)
            try:
                await self._ask_of(
                    known, "thread/revert", protocol.thread_revert(thread_id, turn_id)
                )
            except RpcError as error:
                if not is_unknown_turn(error):
                    raise
            else:
                known.reverted(turn_id)

    async def inject(self, thread_id: str, lines: Sequence[Line], settings: ThreadSettings) -> None:
        """Tell the thread `lines`, after what it holds; waits for its turn to end.

        They are on disk at once, and a revert keeps those that came before the turn that it goes
        back to: also in another process, and after other reverts (measured). Raises
        `SessionRecoveryError`.
        """
        known = self._threads.know(thread_id)
        async with known.lock:
            await self._resume(known, settings)
            await self._inject(known, lines)

    async def steer(self, thread_id: str, turn_id: str, words: str) -> bool:
        """Add `words` to the question of that turn, if it runs and has not begun to speak.

        Measured with 0.163.0. Before the first words Codex drops the request to the model and asks
        at once with both; so it does right after `turn/start`. Between words it keeps what was
        said as a message of record and asks anew: an answer in two halves, therefore not
        steered. After the end it refuses: “no active turn to steer”, or “expected active turn
        id … but found …”. Raises `TransportClosedError` when no answer came: it may be added.
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
        """Have the thread answer `question`: see `Turns.run`.

        A thread that Codex let go meanwhile is loaded again first: only one that cannot be is
        lost.
        """
        known = self._threads.know(thread_id)
        self.turns_running += 1
        known.turns += 1
        stream: TurnStream | None = None
        try:
            async with AsyncExitStack() as stack:
                stream = await self._enter(stack, known, question, settings)
                yield stream
        finally:
            self.turns_running -= 1
            known.turns -= 1
            self._count(known, stream)

    async def _enter(
        self, stack: AsyncExitStack, known: Known, question: Question, settings: ThreadSettings
    ) -> TurnStream:
        warm = known.loaded
        if not warm:
            async with known.lock:
                await self._resume(known, settings)
        running = self._turns.run(known, question)
        try:
            return await stack.enter_async_context(running)
        except SessionRecoveryError:
            known.loaded = False
            if not warm:
                self._threads.forget(known.thread_id)
                raise
        return await self._enter(stack, known, question, settings)

    async def _resume(self, known: Known, settings: ThreadSettings) -> None:
        if known.loaded:
            return
        params = protocol.thread_resume(known.thread_id, settings)
        waiting = AsyncRetrying(
            retry=retry_if_exception_type(ThreadHeldError),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
            stop=stop_after_delay(HELD_SECONDS),
            reraise=True,
        )
        await waiting(self._ask_of, known, "thread/resume", params)
        known.loaded = True
        known.used = asyncio.get_running_loop().time()

    async def _newest_turns(self, known: Known) -> tuple[str, ...]:
        """Their ids, oldest first."""
        method, params = "thread/turns/list", protocol.thread_turns(known.thread_id, TURNS_LISTED)
        answer = await self._ask_of(known, method, params)
        listed = protocol.read(protocol.TurnsListed, method, answer)
        return tuple(turn.id for turn in reversed(listed.data))

    async def _inject(self, known: Known, lines: Sequence[Line]) -> None:
        params = protocol.thread_inject(known.thread_id, lines)
        await self._ask_of(known, "thread/inject_items", params)
        known.kept = True

    async def _ask_of(self, known: Known, method: str, params: Params) -> object:
        """Ask for something of a known thread. Raises `SessionRecoveryError` when it is lost."""
        try:
            return await self._request(method, params)
        except RpcError as error:
            if is_lost(error):
                raise self._lost(known.thread_id, error) from error
            raise

    def _lost(self, thread_id: str, error: RpcError) -> SessionRecoveryError:
        self._threads.forget(thread_id)
        return SessionRecoveryError(thread_id, error.text)

    def _count(self, known: Known, stream: TurnStream | None) -> None:
        """After a turn: what it used, and which threads need not stay loaded."""
        known.used = asyncio.get_running_loop().time()
        if stream is None:
            return
        self.turns_done += 1
        known.ran(stream.turn_id or "", stream.total)
        self.tokens += stream.usage.total_tokens
        known.kept = known.kept or stream.error is None
        if stream.error is not None and not is_interruption(stream.error):
            self.last_error = str(stream.error)
        self._let_go(self._threads.spare())

    def _let_go(self, threads: Sequence[Known]) -> None:
        for known in threads:
            # From here on its events may stay away (measured): it counts as unloaded at once.
            known.loaded = False
            self._tasks.start("let go", self._unsubscribe(known))

    async def _unsubscribe(self, known: Known) -> None:
        try:
            async with known.lock:
                if not known.loaded:
                    params = protocol.thread_unsubscribe(known.thread_id)
                    await self._request("thread/unsubscribe", params)
        except CodexError as error:
            log.info("thread %s: %s", known.thread_id, error)

    # --- asking ------------------------------------------------------------------------------

    async def _request(self, method: str, params: Params) -> object:
        """Ask for something of a thread. One that does not answer is condemned and as good as
        gone: `TransportClosedError`, so that whoever asked gets another process and asks again.
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
