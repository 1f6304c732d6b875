"""The form of a check and of the report. Owns no check."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass


class Mark(enum.StrEnum):
    """How a check went. FAIL keeps the bot from starting, or from answering anybody."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `fix` says what to do; empty when nothing is to be done."""

    mark: Mark
    subject: str
    text: str
    fix: str = ""


def ok(subject: str, text: str) -> Check:
    """It is as it should be."""
    return Check(Mark.OK, subject, text)


def warn(subject: str, text: str, fix: str) -> Check:
    """The bot starts, but somebody will miss something."""
    return Check(Mark.WARN, subject, text, fix)


def fail(subject: str, text: str, fix: str) -> Check:
    """The bot would not start, or answer nobody."""
    return Check(Mark.FAIL, subject, text, fix)


def line(check: Check) -> str:
    """`ok    Redis: Valkey 9.1.2 at …`, with the fix on a line of its own."""
    text = f"{check.mark.value:<5} {check.subject}: {check.text}"
    return f"{text}\n      → {check.fix}" if check.fix else text


async def print_report(checks: AsyncIterator[Check], show: Callable[[str], None]) -> int:
    """Show each line as it comes; gives the exit status: 0 only if the bot would start."""
    counts = dict.fromkeys(Mark, 0)
    async for check in checks:
        counts[check.mark] += 1
        show(line(check))
    if counts[Mark.FAIL]:
        show(f"\n{counts[Mark.FAIL]} to fix before the bot can answer.")
        return 1
    show("\nThe bot would start." + (" Some of it could be better." if counts[Mark.WARN] else ""))
    return 0
