"""Exponential backoff of a character whose app-server does not start.

During the backoff callers get the last error at once, instead of waiting for another failure.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from bot.copied_errors import copied

# The first pause in seconds; it doubles with each failure in a row, up to `MOST`.
FIRST = 1.0
MOST = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """The last failed start of a character."""

    error: Exception
    count: int
    """Failures in a row."""
    until: float
    """Loop time at which the backoff ends."""


class Backoff:
    """The failed starts, by the character's key."""

    def __init__(self) -> None:
        self._failures: dict[str, Failure] = {}
        self._latest: str | None = None
        self.total = 0

    def check(self, key: str, now: float) -> None:
        """Raise a copy of the last error while the character backs off."""
        failure = self._failures.get(key)
        if failure is not None and now < failure.until:
            raise copied(failure.error)

    def failed(self, key: str, error: Exception, now: float) -> Failure:
        """Record a failed start, and begin or lengthen the backoff."""
        before = self._failures.get(key)
        count = before.count + 1 if before is not None else 1
        # The exponent is bounded too: a character may fail for months.
        pause = min(MOST, FIRST * 2 ** min(count - 1, 30))
        pause *= random.uniform(0.8, 1.2)  # noqa: S311 jitter, not a secret
        self._failures[key] = failure = Failure(copied(error), count, now + pause)
        self.total += 1
        self._latest = key
        return failure

    def started(self, key: str) -> None:
        """Record a successful start."""
        self.clear(key)
        self._latest = None

    def clear(self, key: str) -> None:
        """End the backoff, so that the next start is tried at once."""
        self._failures.pop(key, None)

    def problem(self, now: float) -> str | None:
        """Describe a failed start: the latest of all, or of a character that still backs off."""
        for key, failure in self._failures.items():
            if key == self._latest or now < failure.until:
                return f"the app-server of {key} does not start: {failure.error}"
        return None
