"""A logger for what a stranger may repeat without end: so many lines a minute, then a count."""

from __future__ import annotations

import logging
import time

# How long one window is, in seconds, and how many records it lets through.
WINDOW = 60.0
RECORDS = 20


class Trickle:
    """Logs `RECORDS` records a `WINDOW` at `level`; the next window says how many were left out."""

    def __init__(self, log: logging.Logger, level: int) -> None:
        self._log = log
        self._level = level
        self._until = 0.0
        self._seen = 0

    def log(self, text: str, *values: object) -> None:
        """Log `text % values`, unless this window has had its share."""
        now = time.monotonic()
        if now >= self._until:
            if self._seen > RECORDS:
                self._log.log(self._level, "%d more like it left out", self._seen - RECORDS)
            self._until, self._seen = now + WINDOW, 0
        self._seen += 1
        if self._seen <= RECORDS:
            self._log.log(self._level, text, *values)
