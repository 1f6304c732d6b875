"""Running one turn in an app-server: ask, follow, and end it, whatever the listener does.

Owns the rule that a thread runs one turn at a time (`turn/start` on a running turn does not
queue, it steers the running one: measured), the watch for silence and for turns without an end,
and the interruption.
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

# Codex answers `turn/start` in milliseconds, long before the model does: later, it hangs.
START_SECONDS = 10.0
# How long an interrupted turn may take to end before its process counts as sick.
INTERRUPT_SECONDS = 4.0
# How soon an interruption that came too early is tried again.
INTERRUPT_AGAIN = 0.05
# How long turns get to notice that their process is gone.
CLOSE_SECONDS = 1.0


class Turns:
    """The turns of one app-server. `condemn(reason)` is told when it no longer obeys.

    `silence` is in seconds: a turn of which nothing is heard for that long is interrupted.
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
    async def run(self, known: Known, question: Question) -> AsyncIterator[TurnStream]:
        """Ask the thread for a turn. Entered when the turn has its id; left early, it is ended.

        The thread's lock is held until the turn is really over. Raises what `turn/start` raises,
        `SessionRecoveryError` for a lost thread and `TransportClosedError` when it is not
        answered.
        """
        await known.lock.acquire()
        stream = self._router.open(known.thread_id, known.tokens)
        self._tasks.start("start", self._ask(stream, question))
        watch = _Watch(stream, self._silence, self._hush)
        endless = self._tasks.start("endless", self._end_endless(stream))
        try:
            known.unsure = True
            await stream.bound.wait()
            if stream.turn_id is None and stream.error is not None:
                raise stream.error
            known.unsure = False
            yield stream
        finally:
            watch.cancel()
            endless.cancel()
            if stream.ended.is_set():
                self._leave(stream, known.lock)
            else:
                # A task of its own: a second cancellation of the listener must not tear it.
                await asyncio.wait([self._tasks.start("end", self._end(stream, known.lock))])

    async def close(self) -> None:
        """Stop following; for after the process is gone."""
        await self._tasks.join(CLOSE_SECONDS)
        await self._tasks.close()

    async def _ask(self, stream: TurnStream, question: Question) -> None:
        params = protocol.turn_start(stream.thread_id, question)
        try:
            answer = await self._transport.request("turn/start", params, timeout=START_SECONDS)
            turn_id = protocol.read(protocol.TurnStarted, "turn/start", answer).turn.id
        except RequestTimeoutError as error:
            self._condemn(str(error))
            # As good as gone: whoever asked gets another process and asks again.
            stream.fail(TransportClosedError(str(error), self._transport.process.stderr))
        except RpcError as error:
            lost = SessionRecoveryError(stream.thread_id, error.text) if is_lost(error) else error
            stream.fail(lost)
        except CodexError as error:
            stream.fail(error)
        else:
            self._router.bind(stream, turn_id)

    def _hush(self, stream: TurnStream) -> None:
        self._tasks.start("silence", self._end_silent(stream))

    async def _end_silent(self, stream: TurnStream) -> None:
        log.warning("turn %s was silent for %g s; ending it", stream.turn_id, self._silence)
        silent = TurnFailedError(TurnFailure.SILENT, f"nothing heard for {self._silence:g} s")
        stream.blame(silent)
        await self._interrupt(stream)

    async def _end_endless(self, stream: TurnStream) -> None:
        await stream.endless.wait()
        log.warning("turn %s asks the model again and again; ending it", stream.turn_id)
        stream.blame(TurnFailedError(TurnFailure.ENDLESS))
        await self._interrupt(stream)

    async def _end(self, stream: TurnStream, lock: asyncio.Lock) -> None:
        try:
            await self._interrupt(stream)
        finally:
            self._leave(stream, lock)

    async def _interrupt(self, stream: TurnStream) -> None:
        """Have the turn ended, or its process condemned."""
        interrupting: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await stream.bound.wait()
                if stream.turn_id is not None and not stream.ended.is_set():
                    interrupting = self._tasks.start("interrupt", self._ask_to_end(stream))
                await stream.ended.wait()
        except TimeoutError:
            reason = f"a turn did not end within {INTERRUPT_SECONDS:g} s of its interruption"
            # As good as gone: whoever asked gets another process and asks again.
            gone = TransportClosedError(reason, self._transport.process.stderr)
            stream.blame(gone)
            stream.fail(gone)
            self._condemn(reason)
        finally:
            # A turn that was over before is never answered for (measured): the end counts.
            if interrupting is not None:
                interrupting.cancel()

    async def _ask_to_end(self, stream: TurnStream) -> None:
        """Ask until it is heard: a turn whose id is known need not run yet, and is then refused
        with “no active turn to interrupt” (measured).
        """
        again = AsyncRetrying(
            retry=retry_if_exception_type(RpcError), wait=wait_fixed(INTERRUPT_AGAIN)
        )
        params = protocol.turn_interrupt(stream.thread_id, stream.turn_id or "")
        try:
            await again(self._transport.request, "turn/interrupt", params)
        except CodexError as error:
            log.info("turn %s: %s", stream.turn_id, error)

    def _leave(self, stream: TurnStream, lock: asyncio.Lock) -> None:
        self._router.close(stream)
        lock.release()


class _Watch:
    """Calls `hush(stream)` once, when nothing was heard of the turn for `seconds`.

    One timer a turn, set again for what is left when it fires: events cost it nothing.
    """

    def __init__(
        self, stream: TurnStream, seconds: float, hush: Callable[[TurnStream], None]
    ) -> None:
        self._stream = stream
        self._seconds = seconds
        self._hush = hush
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, self._look)

    def cancel(self) -> None:
        """The turn is left."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._stream.ended.is_set():
            return
        left = self._stream.last_event + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._hush(self._stream)
