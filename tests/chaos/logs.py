"""What a bot's log must not hold: exceptions that nobody foresaw. Pure; the lines are given in.

What breaks around the bot is a warning, as a rule: it is expected, and gone on from. Where it is
worth an error for who runs the bot, it is named here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# How the bot writes a line (`bot.log`); what follows without such a head belongs to the line above.
_HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?P<level>[A-Z]+) ")
# Without a trace: discord.py's own word for a lost line, app-servers that had to be ended, and a
# store that takes nothing from anybody.
_FORESEEN = re.compile(
    r" ERROR (?:discord\.shard: (?:Attempting a reconnect|Failed to connect)"
    r"|bot\.codex\.instance: app-server \d+ is given up"
    r"|bot\.codex\.pool: the app-server of \w+ does not start: "
    r"|bot\.store\.watch: nobody can be answered: |bot\.store\.refusals: Redis at )"
)
_GRAVE = frozenset({"ERROR", "CRITICAL"})
# What Python itself says of an exception that nobody took, wherever in a line it stands.
_UNTAKEN = re.compile(
    r"exception was never retrieved|was never awaited|was destroyed but it is pending"
    r"|Exception ignored in|Unhandled|Fatal Python error"
)
_TRACE = "Traceback (most recent call last)"


def unforeseen(lines: Sequence[str]) -> list[str]:
    """Each place where something was wrong that no one had foreseen: its line, and the trace's end.

    A level, a trace or Python's own words tell it; several in one record are one place.
    """
    return [_brief(record) for record in _records(lines) if _is_grave(record)]


def _records(lines: Sequence[str]) -> list[list[str]]:
    """The lines of each record together."""
    records: list[list[str]] = []
    for line in lines:
        if _HEAD.match(line) or not records:
            records.append([])
        records[-1].append(line)
    return records


def _is_grave(record: Sequence[str]) -> bool:
    head = _HEAD.match(record[0])
    if head is not None and head["level"] in _GRAVE and not _FORESEEN.search(record[0]):
        return True
    return any(line.startswith(_TRACE) or _UNTAKEN.search(line) for line in record)


def _brief(record: Sequence[str]) -> str:
    ends = [record[0], *([record[-1]] if len(record) > 1 else [])]
    return " | ".join(one[:300] for one in ends)
