"""Time zones as people write them: found, or explained."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.zone_help import _LETTERS, _PLACES
from bot.domain.zones import zone_named
from bot.errors import RefusedError
from tests.refused import said_by

DAYS = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def refusal(name: str) -> str:
    with pytest.raises(RefusedError) as refused:
        zone_named(name)
    return said_by(refused.value)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", None),
        ("America/New York", "America/New_York"),
        ("z", "UTC"),
        ("UTC+0", "UTC"),
        ("UTC+00:00", "UTC"),
        ("GMT-0", "GMT-0"),
        ("Etc/GMT+2", "Etc/GMT+2"),  # who writes this knows what it means
    ],
)
def test_a_zone_is_found_by_its_name(name: str, key: str | None) -> None:
    if key is None:
        assert "America/New_York" in refusal(name)
    else:
        assert zone_named(name).key == key


@pytest.mark.parametrize("form", ["GMT{}", "UTC{}", "gmt{}", "UTC {}", "{}"])
@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+2", 120), ("-5", -300), ("+05:30", 330), ("+0545", 345), ("-8", -480), ("\u22123", -180)],
)
def test_an_offset_is_answered_with_places_on_that_side_of_greenwich(
    form: str, offset: str, minutes: int
) -> None:
    told = refusal(form.format(offset))
    assert "Etc/" not in told
    places = re.findall(r"\w+/\w+", told)
    assert 1 <= len(places) <= 3
    for place in places:
        offsets = {day.astimezone(ZoneInfo(place)).utcoffset() for day in DAYS}
        assert timedelta(minutes=minutes) in offsets, place


def test_an_offset_is_answered_with_those_who_have_it_in_summer_too() -> None:
    assert "Europe/Athens or Europe/Berlin" in refusal("UTC+2")


@pytest.mark.parametrize(
    ("letters", "place"),
    [
        ("PST", "America/Los_Angeles"),
        ("pdt", "America/Los_Angeles"),
        ("CEST", "Europe/Berlin"),
        ("MESZ", "Europe/Berlin"),
        ("BST", "Europe/London"),
        ("IST", "Asia/Kolkata"),
        ("AEDT", "Australia/Sydney"),
        ("JST", "Asia/Tokyo"),
    ],
)
def test_letters_are_answered_with_places(letters: str, place: str) -> None:
    assert place in refusal(letters)


def test_every_place_that_is_suggested_is_a_zone() -> None:
    for place in (*_PLACES.split(), *(place for places in _LETTERS.values() for place in places)):
        assert zone_named(place).key == place


@pytest.mark.parametrize("name", ["UTC+25", "GMT+99:99", "+", "UTC+", "Etc/Nowhere", "../x", ""])
def test_what_is_no_zone_at_all_is_refused_with_an_example(name: str) -> None:
    assert "There is no time zone" in refusal(name)
