"""JSON-RPC with one app-server: requests and their answers, notifications, its own requests.

One JSON object a line, without the `jsonrpc` member. There is one reader, the event loop's
callback: it answers waiters and hands notifications on, and never waits for anybody. Owns
deadlines and retries of single requests; what a message means is for `router` and `instance`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from bot.codex import declines
from bot.codex.fresh import fresh
from bot.codex.options import LaunchSpec
from bot.codex.process import Process
from bot.codex.trickle import Trickle
from bot.errors import OverloadedError, RequestTimeoutError, RpcError, TransportClosedError
from bot.log import Redactor
from bot.tasks import Tasks

log = logging.getLogger(__name__)

Params: TypeAlias = Mapping[str, object]
Notified: TypeAlias = Callable[[str, dict[str, Any]], None]
Asked: TypeAlias = Callable[[str | int, str, dict[str, Any]], bool]
"""(request id, method, params) of a request of Codex's → whether `Transport.answer` will follow."""

# What one request may take, in seconds, where its caller says nothing else.
REQUEST_SECONDS = 30.0
# Codex's code for “too busy, come again”; how often we come, and how long we wait between.
OVERLOADED = -32001
ATTEMPTS = 6
BACKOFF_FIRST = 0.1
BACKOFF_MOST = 2.0
# How much of a message, in characters, is logged at DEBUG, and what is cut for secrets first.
LOGGED = 4_000
LOGGED_MARGIN = 4_000
# Requests of Codex waiting for our answer; a peer that asks more than this is broken.
ANSWERS_WAITING = 1_000


class Transport:
    """An open line to one app-server. Make it with `open`, end it with `close`."""

    def __init__(
        self,
        *,
        redactor: Redactor,
        on_notification: Notified,
        on_request: Asked,
        on_closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._redactor = redactor
        self._on_notification = on_notification
        self._on_request = on_request
        self._on_closed = on_closed
        self._waiting: dict[int, asyncio.Future[object]] = {}
        self._last_id = 0
        self._answers: asyncio.Queue[bytes] = asyncio.Queue(ANSWERS_WAITING)
        self._tasks = Tasks("codex-transport")
        self._garbage = Trickle(log, logging.WARNING)
        self._declined = Trickle(log, logging.INFO)
        self.process: Process
        self.error: TransportClosedError | None = None

    @classmethod
    async def open(
        cls,
        spec: LaunchSpec,
        *,
        redactor: Redactor,
        on_notification: Notified,
        on_closed: Callable[[TransportClosedError], None],
        on_request: Asked = lambda *_: False,
    ) -> Transport:
        """Start the program of `spec` and listen to it.

        `on_notification(method, params)`, `on_request` and `on_closed(error)` are called by the
        event loop and must return at once. What `on_request` does not take is declined. Raises
        `CodexMissingError`, `CodexRefusedError`.
        """
        transport = cls(
            redactor=redactor,
            on_notification=on_notification,
            on_request=on_request,
            on_closed=on_closed,
        )
        # Known before it runs: it can end before its start is reported.
        transport.process = Process(
            spec, on_line=transport._heard, on_end=transport._ended, redactor=redactor
        )
        await transport.process.launch()
        transport._tasks.start("answers", transport._send_answers())
        return transport

    @property
    def closed(self) -> bool:
        """Whether nothing can be asked any more."""
        return self.error is not None

    async def request(
        self, method: str, params: Params, *, timeout: float = REQUEST_SECONDS
    ) -> object:
        """The result of `method`, within `timeout` seconds, retries for overload included.

        Raises `RpcError`, `OverloadedError`, `RequestTimeoutError`, `TransportClosedError`.
        """
        try:
            async with asyncio.timeout(timeout):
                try:
                    return await self._ask(method, params)
                except OverloadedError:
                    return await self._ask_again(method, params)
        except TimeoutError:
            raise RequestTimeoutError(method, timeout) from None

    async def notify(self, method: str) -> None:
        """Tell `method`, without an answer. Raises `TransportClosedError`."""
        await self._send({"method": method})

    def answer(self, request_id: str | int, result: Params) -> None:
        """Answer a request that `on_request` took; dropped when the app-server is gone."""
        self._queue_answer({"id": request_id, "result": result})

    async def close(self) -> None:
        """End the process in order (see `Process.stop`); all waiters get an error."""
        await self.process.stop()
        self._ended()
        await self._tasks.close()

    # --- asking ------------------------------------------------------------------------------

    async def _ask_again(self, method: str, params: Params) -> object:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(OverloadedError),
            wait=wait_random_exponential(multiplier=BACKOFF_FIRST, max=BACKOFF_MOST),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        await asyncio.sleep(BACKOFF_FIRST)
        return await retrying(self._ask, method, params)

    async def _ask(self, method: str, params: Params) -> object:
        self._last_id += 1
        request_id = self._last_id
        waiter: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = waiter
        try:
            await self._send({"id": request_id, "method": method, "params": params})
            answer = await waiter
        finally:
            # An answer that comes after the deadline finds nobody and is dropped.
            self._waiting.pop(request_id, None)
        if isinstance(answer, _Failure):
            raise answer.error(method)
        return answer

    async def _send(self, message: Params) -> None:
        if self.error is not None:
            raise fresh(self.error)
        line = encode(message)
        if log.isEnabledFor(logging.DEBUG):
            self._log("→", line)
        await self.process.write(line)

    async def _send_answers(self) -> None:
        while True:
            line = await self._answers.get()
            try:
                await self.process.write(line)
            except TransportClosedError:
                return

    # --- hearing -----------------------------------------------------------------------------

    def _heard(self, line: bytes) -> None:
        if log.isEnabledFor(logging.DEBUG):
            self._log("←", line)
        try:
            message = from_json(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self._garbage.log("app-server %d said no JSON object: %s", self._pid, self._cut(line))
            return
        try:
            self._sort(message)
        except Exception:
            # The reader lives as long as its process, whatever one message does.
            log.exception("a message of app-server %d could not be handled", self._pid)

    def _sort(self, message: dict[str, Any]) -> None:
        method, request_id = message.get("method"), message.get("id")
        if isinstance(method, str):
            given = message.get("params")
            params = given if isinstance(given, dict) else {}
            if request_id is None:
                self._on_notification(method, params)
            elif isinstance(request_id, (str, int)) and not self._on_request(
                request_id, method, params
            ):
                self._decline(request_id, method)
        elif isinstance(request_id, int):
            waiter = self._waiting.get(request_id)
            if waiter is not None and not waiter.done():
                failed = message.get("error")
                waiter.set_result(message.get("result") if failed is None else _Failure(failed))

    def _decline(self, request_id: str | int, method: str) -> None:
        self._declined.log("app-server %d asked for %s; declined", self._pid, method[:200])
        self._queue_answer(declines.answer(request_id, method))

    def _queue_answer(self, message: Params) -> None:
        try:
            self._answers.put_nowait(encode(message))
        except asyncio.QueueFull:
            self._garbage.log("app-server %d asks faster than it listens", self._pid)

    def _ended(self) -> None:
        if self.error is not None:
            return
        stderr = self.process.stderr
        self.error = TransportClosedError(f"app-server {self._pid} has ended", stderr)
        for waiter in self._waiting.values():
            if not waiter.done():
                waiter.set_exception(fresh(self.error))
                waiter.exception()  # a waiter whose deadline has just passed will not look
        self._on_closed(self.error)

    @property
    def _pid(self) -> int:
        return self.process.pid

    def _log(self, arrow: str, line: bytes) -> None:
        log.debug("%s %d %s", arrow, self._pid, self._cut(line))

    def _cut(self, line: bytes) -> str:
        # Secrets are cut before the cap, so that none is halved by it and shown.
        text = line[: LOGGED + LOGGED_MARGIN].decode("utf-8", "replace").rstrip()
        return self._redactor.cut(text)[:LOGGED]


class _Failure:
    """A JSON-RPC error object, not yet raised: it is raised where it is awaited."""

    def __init__(self, raw: object) -> None:
        fields = raw if isinstance(raw, dict) else {}
        code = fields.get("code")
        self._code = code if isinstance(code, int) else 0
        self._text = str(fields.get("message", raw))[:LOGGED]

    def error(self, method: str) -> RpcError:
        kind = OverloadedError if self._code == OVERLOADED else RpcError
        return kind(method, self._code, self._text)


def encode(message: Params) -> bytes:
    """`message` as one line of UTF-8. Half surrogates, which no JSON reader takes, become `?`."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"
