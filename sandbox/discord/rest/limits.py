"""Rate limits: Discord's buckets by route and major parameter, and the global one per bot.

The numbers are those seen in Discord's own headers. People are not limited: they are not what is
tested.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")

_REAL: dict[tuple[str, str], tuple[int, float]] = {
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): (5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): (5, 2.0),
    ("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): (5, 2.0),
    ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
    ("GET", "/channels/{channel_id}/messages"): (5, 1.0),
    ("POST", "/channels/{channel_id}/typing"): (5, 5.0),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): (1, 0.25),
    ("POST", "/channels/{channel_id}/webhooks"): (5, 5.0),
    ("GET", "/channels/{channel_id}/webhooks"): (5, 5.0),
    ("POST", "/channels/{channel_id}/threads"): (5, 5.0),
}
_OTHER = (50, 1.0)
_GLOBAL = (50, 1.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is allowed: (requests, seconds) by route; `scale` multiplies the requests."""

    enabled: bool = True
    routes: Mapping[tuple[str, str], tuple[int, float]] = field(default_factory=lambda: _REAL)
    other: tuple[int, float] = _OTHER
    overall: tuple[int, float] = _GLOBAL
    scale: float = 1.0

    @classmethod
    def real(cls, scale: float = 1.0) -> Limits:
        """As Discord does; `scale` 10 allows ten times as much."""
        return cls(scale=scale)

    @classmethod
    def off(cls) -> Limits:
        """No limits and no rate-limit headers, for benchmarks."""
        return cls(enabled=False)


@dataclass(slots=True)
class _Window:
    """A bucket: `left` requests until `resets`, counted from the first request."""

    left: int
    resets: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, with the headers that tell it. `retry_after` in seconds."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False


class Limiter:
    """Counts requests. `clock` is monotonic, `wall` Unix seconds (for X-RateLimit-Reset)."""

    def __init__(
        self, limits: Limits, clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._wall = wall
        self._windows: dict[str, _Window] = {}

    def take(self, method: str, template: str, params: dict[str, str], caller: str) -> Verdict:
        """Count one request of `caller` (a token, or empty where the path carries the proof).

        Interactions' callbacks and webhook routes are outside the global limit, as in Discord.
        """
        if not self._limits.enabled:
            return Verdict({})
        if caller and not template.startswith(("/webhooks", "/interactions")):
            verdict = self._overall(caller)
            if verdict is not None:
                return verdict
        return self._by_route(method, template, params, caller)

    def _overall(self, caller: str) -> Verdict | None:
        window, _ = self._window(f"global:{caller}", self._limits.overall)
        if window.left > 0:
            window.left -= 1
            return None
        wait = window.resets - self._clock()
        headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
        return Verdict(headers | _retry(wait), wait, is_global=True)

    def _by_route(self, method: str, template: str, params: dict[str, str], caller: str) -> Verdict:
        bucket = hashlib.md5(f"{method} {template}".encode(), usedforsecurity=False).hexdigest()
        major = ":".join(params[name] for name in _MAJOR if name in params)
        allowance = self._limits.routes.get((method, template), self._limits.other)
        window, most = self._window(f"{bucket}:{major}:{caller}", allowance)
        wait = max(0.0, window.resets - self._clock())
        refused = window.left <= 0
        window.left = max(0, window.left - 1)
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": f"{self._wall() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
        if not refused:
            return Verdict(headers)
        return Verdict(headers | {"X-RateLimit-Scope": "user"} | _retry(wait), wait)

    def _window(self, key: str, allowance: tuple[int, float]) -> tuple[_Window, int]:
        most = max(1, math.floor(allowance[0] * self._limits.scale))
        now = self._clock()
        window = self._windows.get(key)
        if window is None or window.resets <= now:
            window = self._windows[key] = _Window(most, now + allowance[1])
        return window, most


def _retry(wait: float) -> dict[str, str]:
    # Discord's edge adds Via; discord.py takes a 429 without it for a ban by the edge.
    return {"Retry-After": str(math.ceil(wait)), "Via": "1.1 sandbox"}


def refusal(verdict: Verdict) -> dict[str, object]:
    """The body of a 429."""
    return {
        "message": "You are being rate limited.",
        "retry_after": round(verdict.retry_after or 0.0, 3),
        "global": verdict.is_global,
    }
