"""Suggests time zones to people who write an offset (`GMT+2`) or an abbreviation (`PST`).

Neither identifies a zone: an offset lacks daylight saving time, and several zones share an
abbreviation. Owns the suggestions; `zones` finds a zone by its name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot import refusals
from bot.message_data import Message

_OFFSET: Final = re.compile(
    r"(?:UTC|GMT|Z)?_?(?P<sign>[+\u2212-])_?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?",
    re.IGNORECASE,
)
_FARTHEST: Final = timedelta(hours=14)
# Days to compare offsets on: northern winter, northern summer.
_DAYS: Final = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
_SUGGESTED: Final = 3
# Well-known zones, the most populous first.
_PLACES: Final = (
    "Europe/Berlin Europe/London America/New_York America/Chicago America/Denver Asia/Kolkata "
    "America/Los_Angeles Asia/Shanghai Asia/Tokyo America/Sao_Paulo Europe/Athens Europe/Moscow "
    "Africa/Lagos Africa/Cairo Africa/Johannesburg Africa/Nairobi Asia/Dubai Asia/Karachi "
    "Asia/Dhaka Asia/Jakarta Asia/Seoul Asia/Singapore Asia/Tehran Asia/Kabul Asia/Kathmandu "
    "Asia/Yangon Asia/Tashkent Australia/Sydney Australia/Adelaide Australia/Perth "
    "Pacific/Auckland Pacific/Honolulu Pacific/Noumea Pacific/Tongatapu Pacific/Kiritimati "
    "Pacific/Pago_Pago Pacific/Chatham Pacific/Marquesas America/Anchorage America/Halifax "
    "America/St_Johns America/Bogota America/Mexico_City America/Caracas America/Noronha "
    "Atlantic/Azores Australia/Eucla Australia/Lord_Howe"
)
_LETTERS: Final = {
    letters: places.split()
    for all_letters, places in {
        "PST PDT PT": "America/Los_Angeles",
        "MDT MT": "America/Denver",
        "CST": "America/Chicago Asia/Shanghai",
        "CDT CT": "America/Chicago",
        "EDT ET": "America/New_York",
        "AST": "America/Halifax Asia/Riyadh",
        "ADT": "America/Halifax",
        "NST NDT": "America/St_Johns",
        "AKST AKDT": "America/Anchorage",
        "BST": "Europe/London Asia/Dhaka",
        "IST": "Asia/Kolkata Europe/Dublin Asia/Jerusalem",
        "IDT": "Asia/Jerusalem",
        "WEST": "Europe/Lisbon",
        "CEST MEZ MESZ": "Europe/Berlin Europe/Paris",
        "EEST": "Europe/Athens Europe/Kyiv",
        "MSK": "Europe/Moscow",
        "TRT": "Europe/Istanbul",
        "WAT": "Africa/Lagos",
        "CAT": "Africa/Harare",
        "SAST": "Africa/Johannesburg",
        "EAT": "Africa/Nairobi",
        "GST": "Asia/Dubai",
        "PKT": "Asia/Karachi",
        "NPT": "Asia/Kathmandu",
        "ICT": "Asia/Bangkok",
        "WIB": "Asia/Jakarta",
        "SGT": "Asia/Singapore",
        "HKT": "Asia/Hong_Kong",
        "PHT": "Asia/Manila",
        "JST": "Asia/Tokyo",
        "KST": "Asia/Seoul",
        "AWST": "Australia/Perth",
        "ACST ACDT": "Australia/Adelaide",
        "AEST AEDT": "Australia/Sydney Australia/Brisbane",
        "NZST NZDT": "Pacific/Auckland",
        "BRT": "America/Sao_Paulo",
        "ART": "America/Argentina/Buenos_Aires",
        "CLT CLST": "America/Santiago",
        "COT": "America/Bogota",
        "PET": "America/Lima",
    }.items()
    for letters in all_letters.split()
}


def help_with(name: str, shown: str) -> Message | None:
    """Return suggestions for an unknown zone `name`; None without suggestions.

    `shown` is how the name is quoted.
    """
    if (places := _LETTERS.get(name.upper())) is not None:
        return refusals.ZoneIsAbbreviation(shown, tuple(places))
    offset = offset_in(name)
    return None if offset is None else refusals.ZoneIsOffset(shown, _at(offset))


def offset_in(name: str) -> timedelta | None:
    """Return the UTC offset of `GMT+2` or `-03:30` (positive: east); None if `name` is none."""
    found = _OFFSET.fullmatch(name)
    if found is None:
        return None
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return None if offset > _FARTHEST else offset if found["sign"] == "+" else -offset


def _at(offset: timedelta) -> tuple[str, ...]:
    """Return zones that have the offset all year, or for half of the year."""
    winter, summer = (_places_at(offset, day) for day in _DAYS)
    always = [place for place in winter if place in summer]
    in_winter = [place for place in winter if place not in always][:1]
    in_summer = [place for place in summer if place not in always][:1]
    return (*in_winter, *in_summer, *always)[:_SUGGESTED] or ("Europe/Paris",)


def _places_at(offset: timedelta, day: datetime) -> list[str]:
    return [
        place for place in _PLACES.split() if day.astimezone(ZoneInfo(place)).utcoffset() == offset
    ]
