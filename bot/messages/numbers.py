"""Numbers as people read them: durations and sizes, in units that all languages write alike."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`, `4 d`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d"


def megabytes(count: int | None) -> str:
    """`79 MB`; a dash where it is not known."""
    return "–" if count is None else f"{count / 1_000_000:.0f} MB"
