"""Runs the turns of an app-server: starts, follows and ends each, even if the listener leaves.

Owns the rule that a Codex thread runs one turn at a time (`turn/start` during a turn is not queued,
it steers that turn: measured), the watchdogs for silence and for endless turns, and interruptions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tenacity import AsyncRetrying, retry_if_exception_type, wait_fixed

from bot.codex import protocol
from bot.codex.failures import is_lost
from bot.codex.protocol import Question
from bot.codex.router import Router
from bot.codex.stream import TurnStream
from bot.codex.threads import Known
from bot.codex.transport import Transport
from bot.errors import (
    CodexError,
    RequestTimeoutError,
    RpcError,
    SessionRecoveryError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Deadline of `turn/start`, which Codex answers in milliseconds, long before the model does.
START_SECONDS = 10.0
# How long an interrupted turn may take to end before its process is condemned.
INTERRUPT_SECONDS = 4.0
# The pause before an interruption that came too early is sent again.
INTERRUPT_AGAIN = 0.05
# How long turns may take to end after their process has ended.
CLOSE_SECONDS = 1.0


class Turns:
    """The turns of one app-server.

    A turn without a notification for `silence` seconds is interrupted. `condemn(reason)` is called
    when the app-server no longer responds.
    """

    def __init__(
        self,
        transport: Transport,
        router: Router,
        *,
        silence: float,
        condemn: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._router = router
        self._silence = silence
        self._condemn = condemn
        self._tasks = Tasks("codex-turns")

    @asynccontextmanager
    async def run(self, entry: Known, question: Question) -> AsyncIterator[TurnStream]:
        """Start a turn and yield its stream once its id is known; leaving early interrupts it.

        The Codex thread's lock is held until the turn is over. Raises the errors of `turn/start`,
        `SessionRecoveryError` for a lost Codex thread, and `TransportClosedError` on a timeout.
        """
        await entry.lock.acquire()
        stream = self._router.open(entry.thread_id, entry.tokens)
        self._tasks.start("start", self._start(stream, question))
        watchdog = _SilenceWatchdog(stream, self._silence, self._on_silence)
        endless = self._tasks.start("endless", self._end_endless(stream))
        try:
            entry.unsure = True
            await stream.bound.wait()
            if stream.turn_id is None and stream.error is not None:
                raise stream.error
            entry.unsure = False
            yield stream
        finally:
            watchdog.cancel()
            endless.cancel()
            if stream.ended.is_set():
                self._release(stream, entry.lock)
            else:
                # As a task of its own, which a second cancellation of the listener cannot reach.
                await asyncio.wait([self._tasks.start("end", self._end(stream, entry.lock))])

    async def close(self) -> None:
        """Wait for the turns to end and stop all tasks; called after the process has ended."""
        await self._tasks.join(CLOSE_SECONDS)
        await self._tasks.close()

    async def _start(self, stream: TurnStream, question: Question) -> None:
        params = protocol.turn_start(stream.thread_id, question)
        try:
            answer = await self._transport.request("turn/start", params, timeout=START_SECONDS)
            turn_id = protocol.read(protocol.TurnStarted, "turn/start", answer).turn.id
        except RequestTimeoutError as error:
            self._condemn(str(error))
            # The caller then leases another process and retries.
            stream.fail(TransportClosedError(str(error), self._transport.process.stderr))
        except RpcError as error:
            lost = SessionRecoveryError(stream.thread_id, error.text) if is_lost(error) else error
            stream.fail(lost)
        except CodexError as error:
            stream.fail(error)
        else:
            self._router.bind(stream, turn_id)

    def _on_silence(self, stream: TurnStream) -> None:
        self._tasks.start("silence", self._end_silent(stream))

    async def _end_silent(self, stream: TurnStream) -> None:
        log.warning("turn %s was silent for %g s; interrupting it", stream.turn_id, self._silence)
        silent = TurnFailedError(TurnFailure.SILENT, f"no event for {self._silence:g} s")
        stream.blame(silent)
        await self._interrupt(stream)

    async def _end_endless(self, stream: TurnStream) -> None:
        await stream.endless.wait()
        log.warning("turn %s asks the model too often; interrupting it", stream.turn_id)
        stream.blame(TurnFailedError(TurnFailure.ENDLESS))
        await self._interrupt(stream)

    async def _end(self, stream: TurnStream, lock: asyncio.Lock) -> None:
        try:
            await self._interrupt(stream)
        finally:
            self._release(stream, lock)

    async def _interrupt(self, stream: TurnStream) -> None:
        """Interrupt the turn; condemn the process when it does not end in time."""
        interrupting: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await stream.bound.wait()
                if stream.turn_id is not None and not stream.ended.is_set():
                    interrupting = self._tasks.start("interrupt", self._request_interrupt(stream))
                await stream.ended.wait()
        except TimeoutError:
            reason = f"a turn did not end within {INTERRUPT_SECONDS:g} s of its interruption"
            # The caller then leases another process and retries.
            gone = TransportClosedError(reason, self._transport.process.stderr)
            stream.blame(gone)
            stream.fail(gone)
            self._condemn(reason)
        finally:
            # Codex never answers an interruption of a turn that has just ended (measured).
            if interrupting is not None:
                interrupting.cancel()

    async def _request_interrupt(self, stream: TurnStream) -> None:
        """Send the interruption until Codex accepts it: before a turn runs, Codex refuses with “no
        active turn to interrupt”, even if the turn's id is known (measured).
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(RpcError), wait=wait_fixed(INTERRUPT_AGAIN)
        )
        params = protocol.turn_interrupt(stream.thread_id, stream.turn_id or "")
        try:
            await retrying(self._transport.request, "turn/interrupt", params)
        except CodexError as error:
            log.info("turn %s is not interrupted: %s", stream.turn_id, error)

    def _release(self, stream: TurnStream, lock: asyncio.Lock) -> None:
        self._router.close(stream)
        lock.release()


class _SilenceWatchdog:
    """Calls `on_silence(stream)` once, after `seconds` without a notification of the turn.

    Uses one timer for each turn, which is set again for the remaining time when it fires, so that
    events cost nothing.
    """

    def __init__(
        self, stream: TurnStream, seconds: float, on_silence: Callable[[TurnStream], None]
    ) -> None:
        self._stream = stream
        self._seconds = seconds
        self._on_silence = on_silence
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, self._look)

    def cancel(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._stream.ended.is_set():
            return
        remaining = self._stream.last_event + self._seconds - self._loop.time()
        if remaining > 0:
            self._timer = self._loop.call_later(remaining, self._look)
        else:
            self._on_silence(self._stream)
