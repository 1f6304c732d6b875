"""The time in a zone, in words. Owns how zones are looked up and what is said of unknown ones."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import RefusedError

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
    # Asking the list first keeps paths (`../x`, `/etc`) and folders (`America`) from the loader.
    known = available_timezones()
    if name not in known:
        raise RefusedError(f"There is no time zone “{name[:_SHOWN]}”.{_hint(name, known)}")
    return ZoneInfo(name)


def _hint(name: str, known: set[str]) -> str:
    city = name.replace(" ", "_").casefold().rsplit("/", maxsplit=1)[-1]
    near = sorted(zone for zone in known if city and city in zone.casefold().split("/"))
    if near:
        return f" Did you mean {' or '.join(near[:_SUGGESTED])}?"
    return " Use an IANA name, such as Europe/Paris."
