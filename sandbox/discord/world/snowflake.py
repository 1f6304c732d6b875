"""Snowflakes in Discord's layout: 42 bits of milliseconds since 2015, 10 of origin, 12 of count."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
_ORIGIN = 1 << 17
_PER_MS = 1 << 12


class Snowflakes:
    """Gives ids that only grow, even when the clock stands still or goes back."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ms = 0
        self._count = 0

    def next(self) -> int:
        """A new id, greater than each one before."""
        now = int(self._clock() * 1000)
        if now > self._ms:
            self._ms, self._count = now, 0
        elif self._count + 1 < _PER_MS:
            self._count += 1
        else:
            self._ms, self._count = self._ms + 1, 0
        return (self._ms - EPOCH_MS) << 22 | _ORIGIN | self._count


def iso(seconds: float) -> str:
    """Unix seconds as Discord writes times: `2026-01-01T00:00:00.000000+00:00`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def created_at(snowflake: int) -> str:
    """When `snowflake` was made, as Discord writes times."""
    return iso(((snowflake >> 22) + EPOCH_MS) / 1000)
