"""Faults on request: what a REST request or a gateway connection shall suffer next.

Owns the list of faults to come; the REST app and the gateway carry them out.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal, Protocol

Action = Literal["status", "reset", "delay"]


@dataclass(slots=True)
class HttpFault:
    """What the next `times` matching requests get.

    `action` "status" answers with `status`, "reset" cuts the line without an answer, "delay" only
    waits. `carried_out`: the request takes effect first, and only its answer is lost. `delay`
    seconds pass before anything; `skip` matching requests are let through first.
    """

    id: int
    method: str | None
    path: re.Pattern[str]
    action: Action
    times: int = 1
    skip: int = 0
    status: int = 500
    carried_out: bool = False
    delay: float = 0.0
    retry_after: float = 1.0
    is_global: bool = False
    scope: str = "user"
    code: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is meant; `path` begins after `/api/v10`."""
        return self.method in (None, method) and self.path.search(path) is not None


class GatewayControl(Protocol):
    """What the gateway can be made to do. `user_id` None means every connection."""

    def reconnect(self, user_id: int | None = None) -> int:
        """Op 7."""
        ...

    def invalidate(self, user_id: int | None = None, *, resumable: bool = False) -> int:
        """Op 9."""
        ...

    def close(self, code: int, user_id: int | None = None) -> int:
        """Close sockets with a code."""
        ...

    def cut(self, user_id: int | None = None) -> int:
        """Reset the lines."""
        ...

    def stop_acks(self, user_id: int | None = None) -> int:
        """Leave heartbeats unanswered."""
        ...

    def drop(self, count: int, user_id: int | None = None) -> int:
        """Lose dispatches."""
        ...

    def hold(self) -> None:
        """Send nothing until `release`."""
        ...

    def release(self) -> None:
        """Send again."""
        ...

    def refuse(self, count: int) -> None:
        """Turn connections away."""
        ...


class Faults:
    """Faults to come. The gateway's are done at once through `gateway`."""

    def __init__(self, gateway: GatewayControl) -> None:
        self.gateway = gateway
        self.http: list[HttpFault] = []
        self._numbers = itertools.count(1)

    def answer(
        self,
        status: int,
        *,
        method: str | None = None,
        path: str = "",
        times: int = 1,
        skip: int = 0,
        carried_out: bool = False,
        delay: float = 0.0,
        retry_after: float = 1.0,
        is_global: bool = False,
        code: int = 0,
    ) -> HttpFault:
        """Answer with `status` and Discord's `code` for the reason.

        `carried_out=True` with 502 is a write that nobody confirmed.
        """
        fault = self._make("status", method, path, times, skip)
        fault.status, fault.carried_out, fault.delay = status, carried_out, delay
        fault.retry_after, fault.is_global = retry_after, is_global
        fault.scope, fault.code = "global" if is_global else "user", code
        return fault

    def reset(
        self,
        *,
        method: str | None = None,
        path: str = "",
        times: int = 1,
        skip: int = 0,
        carried_out: bool = False,
    ) -> HttpFault:
        """Cut the line instead of answering, before or after the request took effect."""
        fault = self._make("reset", method, path, times, skip)
        fault.carried_out = carried_out
        return fault

    def delay(
        self, seconds: float, *, method: str | None = None, path: str = "", times: int = 1
    ) -> HttpFault:
        """Let the request wait, then serve it."""
        fault = self._make("delay", method, path, times, 0)
        fault.delay = seconds
        return fault

    def _make(
        self, action: Action, method: str | None, path: str, times: int, skip: int
    ) -> HttpFault:
        fault = HttpFault(next(self._numbers), method, re.compile(path), action, times, skip)
        self.http.append(fault)
        return fault

    def take(self, method: str, path: str) -> HttpFault | None:
        """The fault that this request suffers, counted down."""
        for fault in self.http:
            if not fault.matches(method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.http.remove(fault)
            return fault
        return None

    def clear(self) -> None:
        """Forget all faults to come and let the gateway go on."""
        self.http.clear()
        self.gateway.release()
        self.gateway.refuse(0)
