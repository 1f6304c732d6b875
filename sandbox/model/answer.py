"""One answer of the model: plays steps into an HTTP response. Owns the order of events.

An ASGI response by hand and not Starlette's: a cut connection is a response that is never
completed, and bytes are joined until something must be waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Send

from sandbox.model import events
from sandbox.model.request import Request
from sandbox.model.steps import (
    Call,
    Cut,
    End,
    Fail,
    Gate,
    Http,
    Incomplete,
    Raw,
    Say,
    Step,
    Steps,
    Usage,
)

Wait = Callable[[Receive, asyncio.Event | None, float | None], Awaitable[bool]]
_STREAM_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
_BYTES_A_TOKEN = 4


class _CutError(Exception):
    """The script closes the connection here."""


class _OverError(Exception):
    """The answer is over before its last step."""


class Answer:
    """Plays `steps` as the response to `request`. `wait` gives False when nobody listens."""

    def __init__(
        self, request: Request, steps: Steps, *, receive: Receive, send: Send, wait: Wait
    ) -> None:
        self._request = request
        self._steps = steps
        self._receive = receive
        self._send = send
        self._wait = wait
        self._id = events.fresh_id("resp")
        self._pending = bytearray()
        self._chunks = 0
        self._usage = Usage(request.size // _BYTES_A_TOKEN, 0)
        self._cut_after = next((s.after for s in steps if isinstance(s, Cut)), None)

    async def play(self) -> None:
        """Send it all. Returns with the response incomplete when the script cuts it."""
        if self._steps and isinstance(self._steps[0], Http):
            await self._refuse(self._steps[0])
            return
        await self._send({"type": "http.response.start", "status": 200, "headers": _STREAM_HEADERS})
        self._pending += events.created(self._id)
        try:
            for step in self._steps:
                await self._do(step)
            self._pending += events.completed(self._id, self._usage)
        except _OverError:
            pass
        except _CutError:
            await self._flush()
            return
        await self._flush(more=False)

    async def _do(self, step: Step) -> None:
        match step:
            case Say():
                await self._speak(step)
            case Call():
                offered = self._request.tool(step.name)
                namespace = step.namespace or (offered.namespace if offered else None)
                self._pending += events.called(step, namespace)
            case Fail() | Incomplete() | End():
                self._pending += self._end(step)
                raise _OverError
            case Cut(after=None):
                raise _CutError
            case Cut():
                pass  # counted while speaking
            case Gate():
                await self._flush()
                if not await self._wait(self._receive, step.event, None):
                    raise _CutError
            case Raw() | Usage():
                self._note(step)
            case Http():
                raise ValueError("http() must be the first step")

    def _note(self, step: Raw | Usage) -> None:
        if isinstance(step, Raw):
            self._pending += step.data
        else:
            self._usage = step

    def _end(self, step: Fail | Incomplete | End) -> bytes:
        match step:
            case Fail():
                return events.failed(self._id, step)
            case Incomplete():
                return events.incomplete(self._id, step, self._usage)
            case End():
                return b""

    async def _speak(self, step: Say) -> None:
        item_id = events.fresh_id("msg")
        self._pending += events.message_added(item_id, step)
        for number, text in enumerate(events.chunks(step.text, step.chunk)):
            if step.delay and number:
                await self._flush()
                if not await self._wait(self._receive, None, step.delay):
                    raise _CutError
            if self._chunks == self._cut_after:
                raise _CutError
            self._pending += events.delta(item_id, text)
            self._chunks += 1
        if self._chunks == self._cut_after:
            raise _CutError
        self._pending += events.message_done(item_id, step)
        spoken = self._usage.output_tokens + len(step.text) // _BYTES_A_TOKEN
        self._usage = Usage(self._usage.input_tokens, spoken)

    async def _refuse(self, step: Http) -> None:
        headers = [(b"content-type", b"application/json")]
        headers += [(name.lower().encode(), value.encode()) for name, value in step.headers.items()]
        await self._send({"type": "http.response.start", "status": step.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": step.body.encode()})

    async def _flush(self, *, more: bool = True) -> None:
        body, self._pending = bytes(self._pending), bytearray()
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
