"""A rate-limited log for lines that untrusted input can cause without end."""

from __future__ import annotations

import logging
import time

# The length of a window in seconds, and how many records are logged in it.
WINDOW = 60.0
RECORDS = 20


class RateLimitedLog:
    """Logs at most `RECORDS` records per `WINDOW` at `level`, and then the number suppressed."""

    def __init__(self, log: logging.Logger, level: int) -> None:
        self._log = log
        self._level = level
        self._until = 0.0
        self._seen = 0

    def log(self, text: str, *values: object) -> None:
        """Log `text % values`, unless the window's limit is reached."""
        now = time.monotonic()
        if now >= self._until:
            if self._seen > RECORDS:
                self._log.log(self._level, "%d similar lines suppressed", self._seen - RECORDS)
            self._until, self._seen = now + WINDOW, 0
        self._seen += 1
        if self._seen <= RECORDS:
            self._log.log(self._level, text, *values)
