"""The time in a zone, in words. Owns how zones are looked up and what is said of unknown ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.errors import RefusedError

# Keeps paths (`../x`, `/etc`) from the loader, which opens what it is given.
_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_SHOWN = 60  # characters of an unknown name that are quoted back
_SUGGESTED = 3


def time_in(name: str, now: datetime) -> str:
    """`Saturday, 21 November 2026, 09:05 (Europe/Paris, UTC+01:00)`.

    Raises `RefusedError` for a zone that is not in the machine's IANA database.
    """
    name = name.strip() or "UTC"
    there = now.astimezone(_zone(name))
    offset = there.strftime("%z")
    return there.strftime(f"%A, {there.day} %B %Y, %H:%M ({name}, UTC{offset[:3]}:{offset[3:5]})")


def _zone(name: str) -> tzinfo:
    if name.upper() in {"UTC", "GMT", "Z"}:
        return UTC  # needs no database, which slim machines lack
    try:
        if _NAME.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        pass  # no such file; a folder (`America`); a file that is no zone (`leapseconds`)
    raise RefusedError(f"There is no time zone “{name[:_SHOWN]}”.{_hint(name)}")


def _hint(name: str) -> str:
    # Looks through the whole database, some 15 ms: only for those who missed.
    city = name.replace(" ", "_").casefold().rsplit("/", maxsplit=1)[-1]
    near = sorted(
        zone for zone in available_timezones() if city and city in zone.casefold().split("/")
    )
    if near:
        return f" Did you mean {' or '.join(near[:_SUGGESTED])}?"
    return " Use an IANA name, such as Europe/Paris."
