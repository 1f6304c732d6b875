"""Limits on connections: their number, and deadlines for requests and for reading answers.

uvicorn waits forever for the rest of a request, so anybody who reaches the port could block it with
a few hundred half-sent requests. Owns the limits; uvicorn speaks HTTP.
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
    """Deadline for a whole request, from the connection or the first byte of a later request."""
    stalled_seconds: float = 10.0
    """Deadline for a client that stops reading an answer while the send buffers are full."""
    unfinished: int = 64
    """Most connections with an incomplete request; the oldest is dropped for a newer one."""
    connections: int = 4_096
    """Most connections, kept-alive ones included: Codex holds one or two per busy Codex thread."""


def bounded(bounds: Bounds) -> type[BoundedProtocol]:
    """Return the protocol class of one listener."""

    class Protocol(BoundedProtocol):
        limits = bounds
        unfinished: ClassVar[dict[BoundedProtocol, None]] = {}

    return Protocol


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with deadlines. `bounded` makes a class for each listener."""

    limits: ClassVar[Bounds]
    unfinished: ClassVar[dict[BoundedProtocol, None]]
    """Connections with an incomplete request, oldest first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 uvicorn's own
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of a new connection's first request."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            transport.abort()
            return
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the connection's timers."""
        self._stop_deadline()
        self._stop_stall_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Receive bytes of one or more requests; a complete request stops its deadline."""
        self._start_deadline()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_deadline()

    def on_response_complete(self) -> None:
        """Start the deadline of a pipelined request, which is parsed after this answer."""
        super().on_response_complete()
        half_sent = self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]
        if half_sent and not self.transport.is_closing():
            self._start_deadline()

    def pause_writing(self) -> None:
        """Start the deadline of a client that does not read its answer."""
        super().pause_writing()
        self._stop_stall_timer()
        self._stall_timer = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the deadline of a client that reads again."""
        super().resume_writing()
        self._stop_stall_timer()

    def _start_deadline(self) -> None:
        """Start a request's deadline, unless one is running."""
        if self._deadline is not None:
            return
        self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.abort)
        self.unfinished[self] = None
        if len(self.unfinished) > self.limits.unfinished:
            next(iter(self.unfinished)).give_up()

    def give_up(self) -> None:
        """Drop the connection to make room for a newer one."""
        self._stop_deadline()
        self.transport.abort()

    def _stop_deadline(self) -> None:
        self.unfinished.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
