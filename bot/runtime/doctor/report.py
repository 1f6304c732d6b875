"""The format of a check and of the report. Owns no check."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass


class Mark(enum.StrEnum):
    """Result of a check. FAIL: the bot does not start, or cannot answer anybody."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    mark: Mark
    subject: str
    text: str
    fix: str = ""
    """How to fix the fault; empty if there is nothing to do."""


def ok(subject: str, text: str) -> Check:
    """Make a check that passed."""
    return Check(Mark.OK, subject, text)


def warn(subject: str, text: str, fix: str) -> Check:
    """Make a check for a fault with which the bot still starts."""
    return Check(Mark.WARN, subject, text, fix)


def fail(subject: str, text: str, fix: str) -> Check:
    """Make a check for a fault with which the bot does not start, or answers nobody."""
    return Check(Mark.FAIL, subject, text, fix)


def line(check: Check) -> str:
    """Format a check as `ok    Redis: Valkey 9.1.2 at …`, with the fix on a second line."""
    text = f"{check.mark.value:<5} {check.subject}: {check.text}"
    return f"{text}\n      → {check.fix}" if check.fix else text


async def print_report(checks: AsyncIterator[Check], show: Callable[[str], None]) -> int:
    """Show each line as it comes, and return the exit status: 0 only if the bot would start."""
    counts = dict.fromkeys(Mark, 0)
    async for check in checks:
        counts[check.mark] += 1
        show(line(check))
    if counts[Mark.FAIL]:
        show(f"\n{counts[Mark.FAIL]} to fix before the bot can answer.")
        return 1
    show("\nThe bot would start." + (" Some of it could be better." if counts[Mark.WARN] else ""))
    return 0
