"""Bounds on connections: how long a request may take to arrive, and how many there may be.

uvicorn waits for a request without end once a connection is there or its first byte has come, so
anybody who reaches the port could keep it from answering with some hundred half-sent requests. Owns
the bounds; HTTP itself is uvicorn's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one listener."""

    request_seconds: float = 10.0
    """From the connection, or the first byte of a later request, until it is there to its end."""
    stalled_seconds: float = 10.0
    """That a client may leave an answer unread whose rest does not fit into the buffers."""
    unfinished: int = 64
    """Connections whose request has not come to its end; of more, the oldest goes."""
    connections: int = 4_096
    """All, kept-alive ones among them: Codex holds one or two for each thread that is at work."""


def bounded(bounds: Bounds) -> type[BoundedProtocol]:
    """The protocol of one listener."""

    class Protocol(BoundedProtocol):
        limits = bounds
        unfinished: ClassVar[dict[BoundedProtocol, None]] = {}

    return Protocol


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with deadlines. Use `bounded`: its class counts for one listener."""

    limits: ClassVar[Bounds]
    unfinished: ClassVar[dict[BoundedProtocol, None]]
    """Those that wait for their request's end, the oldest first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 uvicorn's own
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of a new connection's first request."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            transport.abort()
            return
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the connection's timers."""
        self._arrived()
        self._unstall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of one or more requests; a whole request ends its deadline."""
        self._expect()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._arrived()

    def on_response_complete(self) -> None:
        """Start the deadline of a pipelined request: it is parsed after this answer."""
        super().on_response_complete()
        half_sent = self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]
        if half_sent and not self.transport.is_closing():
            self._expect()

    def pause_writing(self) -> None:
        """Start the deadline of a client that does not read its answer."""
        super().pause_writing()
        self._unstall()
        self._stall = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that deadline: the client reads again."""
        super().resume_writing()
        self._unstall()

    def _expect(self) -> None:
        """Start a request's deadline, unless one is running."""
        if self._deadline is not None:
            return
        self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)
        self.unfinished[self] = None
        if len(self.unfinished) > self.limits.unfinished:
            next(iter(self.unfinished)).give_up()

    def give_up(self) -> None:
        """Drop the connection to make room for a newer one."""
        self._arrived()
        self.transport.abort()

    def _arrived(self) -> None:
        self.unfinished.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _unstall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
