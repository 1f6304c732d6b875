"""Quiet hours: what they mean, and how they are written."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from bot.domain.policy import Quiet, quiet_hours
from tests.refused import refused


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=UTC)


def test_quiet_hours_may_pass_midnight() -> None:
    night = quiet_hours("22:00-07:00", "UTC")
    held = [night.holds(at(hour)) for hour in (21, 22, 23, 0, 6, 7)]
    assert held == [False, True, True, True, True, False]


def test_quiet_hours_are_those_of_the_place() -> None:
    noon = Quiet(time(12), time(13), "Asia/Tokyo")
    assert noon.holds(at(3, 30))
    assert not noon.holds(at(12, 30))


def test_quiet_hours_are_read_as_people_write_them() -> None:
    assert str(quiet_hours(" 9:30 – 17:00", "Europe/Berlin")) == "09:30–17:00 (Europe/Berlin)"


@pytest.mark.parametrize("text", ["", "22-7", "25:00-07:00", "22:00-07:61", "07:00-07:00", "x"])
def test_what_is_no_span_of_hours_is_refused(text: str) -> None:
    with refused("22:00-07:00"):
        quiet_hours(text, "UTC")


@pytest.mark.parametrize("zone", ["europe/berlin", "America/new york", "utc"])
def test_a_time_zone_may_be_capitalised_in_any_way(zone: str) -> None:
    known = quiet_hours("22:00-07:00", zone).zone
    assert known in {"Europe/Berlin", "America/New_York", "UTC"}


@pytest.mark.parametrize(
    "zone", ["", "Nowhere", "../UTC", "/etc/passwd", "Europe", "a" * 300, "\0"]
)
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with refused("time zone"):
        quiet_hours("22:00-07:00", zone)
