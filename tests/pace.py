"""How fast this machine is just now: a loop of additions that takes ten milliseconds on a free one.

A bar in seconds fails wherever others use the processor as well. CPU time grows too then, since
caches and cores are shared; but that of the additions grows with it.
"""

from __future__ import annotations

import time

ADDITIONS = 270_000
FREE = 0.010
"""Seconds that `additions` takes on two free cores of 2026."""


def additions() -> float:
    """Seconds of this thread for the additions, now."""
    began, total = time.thread_time(), 0
    for number in range(ADDITIONS):
        total += number
    return time.thread_time() - began
