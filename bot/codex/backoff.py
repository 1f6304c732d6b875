"""How long a character rests after its app-server did not start, and what people are told.

Longer each time in a row. Meanwhile whoever asks gets the same error at once: a start that
cannot succeed yet is worse to wait for than to be told of.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from bot.codex.fresh import fresh

# The first rest in seconds; it doubles with each failure in a row, up to the most.
FIRST = 1.0
MOST = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last start failed, how often in a row, and until when (loop time) it rests."""

    error: Exception
    count: int
    until: float


class Backoff:
    """The failed starts, by character."""

    def __init__(self) -> None:
        self._failures: dict[str, Failure] = {}
        self._latest: str | None = None
        self.total = 0

    def check(self, key: str, now: float) -> None:
        """Raise the last failure's error while the character rests."""
        failure = self._failures.get(key)
        if failure is not None and now < failure.until:
            raise fresh(failure.error)

    def failed(self, key: str, error: Exception, now: float) -> Failure:
        """A start failed."""
        before = self._failures.get(key)
        count = before.count + 1 if before is not None else 1
        # The exponent is bounded too: a character may fail for months.
        rest = min(MOST, FIRST * 2 ** min(count - 1, 30))
        rest *= random.uniform(0.8, 1.2)  # noqa: S311 spreads starts, guards nothing
        self._failures[key] = failure = Failure(fresh(error), count, now + rest)
        self.total += 1
        self._latest = key
        return failure

    def started(self, key: str) -> None:
        """It started."""
        self.clear(key)
        self._latest = None

    def clear(self, key: str) -> None:
        """Somebody wants it tried at once."""
        self._failures.pop(key, None)

    def problem(self, now: float) -> str | None:
        """A start that failed and still matters: the last of all, or that of one who rests."""
        for key, failure in self._failures.items():
            if key == self._latest or now < failure.until:
                return f"the app-server of {key} does not start: {failure.error}"
        return None
