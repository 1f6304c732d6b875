"""Formats durations and sizes for people, in units that all languages write alike."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Format a duration: `8 s`, `3 min`, `2 h 5 min`, `4 d`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d"


def megabytes(count: int | None) -> str:
    """Format a size in bytes: `79 MB`; a dash if it is unknown."""
    return "–" if count is None else f"{count / 1_000_000:.0f} MB"
