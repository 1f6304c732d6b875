"""Finds time zones by the names that people and models write, and explains unknown names."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot import refusals
from bot.domain.zone_help import help_with, offset_in
from bot.errors import RefusedError

# Keeps paths (`../x`, `/etc`) from the loader, which would open them.
_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_SHOWN = 60  # characters of an unknown name that are quoted back
_SUGGESTED = 3


@cache
def _zones() -> tuple[str, ...]:
    """Return all zone names. Reads the whole database (some 15 ms), so only after a miss, once."""
    return tuple(sorted(available_timezones()))


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`, ignoring case.

    Raises `RefusedError`, which suggests zones.
    """
    wanted = name.strip().replace(" ", "_")
    if wanted.upper() == "Z":
        wanted = "UTC"  # as in ISO 8601
    try:
        if _NAME.fullmatch(wanted):
            return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        pass  # no such file; a folder (`America`); a file other than a zone (`leapseconds`)
    zones = _zones()
    folded = wanted.casefold()
    for zone in zones:
        if zone.casefold() == folded:
            return ZoneInfo(zone)
    if offset_in(wanted) == timedelta(0):
        return ZoneInfo("UTC")
    shown = name[:_SHOWN]
    if (known := help_with(wanted, shown)) is not None:
        raise RefusedError(known)
    city = folded.rsplit("/", maxsplit=1)[-1]
    near = [zone for zone in zones if city and city in zone.casefold().split("/")]
    if near:
        raise RefusedError(refusals.ZoneMisspelt(shown, tuple(near[:_SUGGESTED])))
    raise RefusedError(refusals.UnknownZone(shown))
