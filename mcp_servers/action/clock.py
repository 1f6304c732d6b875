"""The time in a zone, in words. `bot.domain.zones` knows the zones."""

from __future__ import annotations

from datetime import datetime

from bot.domain.zones import zone_named


def time_in(name: str, now: datetime) -> str:
    """Return `Saturday, 21 November 2026, 09:05 (Europe/Paris, UTC+01:00)`.

    Raises `RefusedError` for a zone that is not in the IANA database.
    """
    zone = zone_named(name.strip() or "UTC")
    there = now.astimezone(zone)
    offset = there.strftime("%z")
    where = f"{zone.key}, UTC{offset[:3]}:{offset[3:5]}"
    return there.strftime(f"%A, {there.day} %B %Y, %H:%M ({where})")
