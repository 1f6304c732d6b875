"""JSON-RPC with one app-server: our requests and their answers, notifications, Codex's requests.

Each line is a JSON object without the `jsonrpc` member. The only reader is a callback of the event
loop: it resolves pending requests, passes notifications on, and never awaits. Owns the deadlines
and retries of single requests; `router` and `instance` interpret the messages.
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

from bot.codex import request_denials
from bot.codex.options import LaunchSpec
from bot.codex.process import Process
from bot.codex.rate_limited_log import RateLimitedLog
from bot.copied_errors import copied
from bot.errors import OverloadedError, RequestTimeoutError, RpcError, TransportClosedError
from bot.log import Redactor
from bot.tasks import Tasks

log = logging.getLogger(__name__)

Params: TypeAlias = Mapping[str, object]
Notified: TypeAlias = Callable[[str, dict[str, Any]], None]
Asked: TypeAlias = Callable[[str | int, str, dict[str, Any]], bool]
"""(request id, method, params) of a request from Codex → whether `Transport.answer` will follow."""

# Default deadline of a request, in seconds.
REQUEST_SECONDS = 30.0
# Codex's error code for “overloaded”; how often such a request is sent, and the pauses in seconds.
OVERLOADED = -32001
ATTEMPTS = 6
BACKOFF_FIRST = 0.1
BACKOFF_MOST = 2.0
# Characters of a message that are logged at DEBUG, and how many more are searched for secrets.
LOGGED = 4_000
LOGGED_MARGIN = 4_000
# The most answers to Codex's requests that may wait to be written; only a broken peer needs more.
ANSWERS_WAITING = 1_000


class Transport:
    """An open connection to one app-server. Create it with `open`, end it with `close`."""

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
        self._malformed = RateLimitedLog(log, logging.WARNING)
        self._declined = RateLimitedLog(log, logging.INFO)
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
        """Start the program of `spec` and read its messages.

        `on_notification(method, params)`, `on_request` and `on_closed(error)` are called by the
        event loop and must return at once. Requests that `on_request` does not take are declined.
        Raises `CodexMissingError`, `CodexRefusedError`.
        """
        transport = cls(
            redactor=redactor,
            on_notification=on_notification,
            on_request=on_request,
            on_closed=on_closed,
        )
        # Assigned before the launch: the process can end before its start is reported.
        transport.process = Process(
            spec, on_line=transport._on_line, on_end=transport._on_end, redactor=redactor
        )
        await transport.process.launch()
        transport._tasks.start("answers", transport._send_answers())
        return transport

    @property
    def closed(self) -> bool:
        """Whether the process has ended."""
        return self.error is not None

    async def request(
        self, method: str, params: Params, *, timeout: float = REQUEST_SECONDS
    ) -> object:
        """Send a request and return its result; `timeout` seconds include the overload retries.

        Raises `RpcError`, `OverloadedError`, `RequestTimeoutError`, `TransportClosedError`.
        """
        try:
            async with asyncio.timeout(timeout):
                try:
                    return await self._ask(method, params)
                except OverloadedError:
                    return await self._retry_overloaded(method, params)
        except TimeoutError:
            raise RequestTimeoutError(method, timeout) from None

    async def notify(self, method: str) -> None:
        """Send a notification without params. Raises `TransportClosedError`."""
        await self._send({"method": method})

    def answer(self, request_id: str | int, result: Params) -> None:
        """Answer a request that `on_request` took; dropped when the app-server has ended."""
        self._queue_answer({"id": request_id, "result": result})

    async def close(self) -> None:
        """End the process (see `Process.stop`); pending requests raise `TransportClosedError`."""
        await self.process.stop()
        self._on_end()
        await self._tasks.close()

    # --- sending -----------------------------------------------------------------------------

    async def _retry_overloaded(self, method: str, params: Params) -> object:
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
            # An answer after the deadline finds no waiter and is dropped.
            self._waiting.pop(request_id, None)
        if isinstance(answer, _Failure):
            raise answer.error(method)
        return answer

    async def _send(self, message: Params) -> None:
        if self.error is not None:
            raise copied(self.error)
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

    # --- receiving ---------------------------------------------------------------------------

    def _on_line(self, line: bytes) -> None:
        if log.isEnabledFor(logging.DEBUG):
            self._log("←", line)
        try:
            message = from_json(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            text = self._redacted(line)
            self._malformed.log("app-server %d sent no JSON object: %s", self._pid, text)
            return
        try:
            self._dispatch(message)
        except Exception:
            # A single bad message must not end the reader.
            log.exception("a message from app-server %d could not be handled", self._pid)

    def _dispatch(self, message: dict[str, Any]) -> None:
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
        self._queue_answer(request_denials.answer(request_id, method))

    def _queue_answer(self, message: Params) -> None:
        try:
            self._answers.put_nowait(encode(message))
        except asyncio.QueueFull:
            self._malformed.log(
                "app-server %d sends requests faster than it reads answers", self._pid
            )

    def _on_end(self) -> None:
        if self.error is not None:
            return
        stderr = self.process.stderr
        self.error = TransportClosedError(f"app-server {self._pid} has ended", stderr)
        for waiter in self._waiting.values():
            if not waiter.done():
                waiter.set_exception(copied(self.error))
                waiter.exception()  # mark it as retrieved: its deadline may just have passed
        self._on_closed(self.error)

    @property
    def _pid(self) -> int:
        return self.process.pid

    def _log(self, arrow: str, line: bytes) -> None:
        log.debug("%s %d %s", arrow, self._pid, self._redacted(line))

    def _redacted(self, line: bytes) -> str:
        # Secrets are redacted before the text is capped, so that the cap cannot split a secret.
        text = line[: LOGGED + LOGGED_MARGIN].decode("utf-8", "replace").rstrip()
        return self._redactor.cut(text)[:LOGGED]


class _Failure:
    """A JSON-RPC error object; the awaiting request raises it with its method's name."""

    def __init__(self, raw: object) -> None:
        fields = raw if isinstance(raw, dict) else {}
        code = fields.get("code")
        self._code = code if isinstance(code, int) else 0
        self._text = str(fields.get("message", raw))[:LOGGED]

    def error(self, method: str) -> RpcError:
        kind = OverloadedError if self._code == OVERLOADED else RpcError
        return kind(method, self._code, self._text)


def encode(message: Params) -> bytes:
    """Encode `message` as a line of UTF-8; lone surrogates, invalid in JSON, become `?`."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"
