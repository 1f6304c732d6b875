"""What time is told, and what is said of zones that are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RefusedError
from mcp_servers.action.clock import time_in
from tests.refused import refused, said_by

NOON = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "Wednesday, 1 July 2026, 12:05 (UTC, UTC+00:00)"),
        ("", "Wednesday, 1 July 2026, 12:05 (UTC, UTC+00:00)"),
        ("z", "Wednesday, 1 July 2026, 12:05 (UTC, UTC+00:00)"),
        ("utc", "Wednesday, 1 July 2026, 12:05 (UTC, UTC+00:00)"),
        ("europe/paris", "Wednesday, 1 July 2026, 14:05 (Europe/Paris, UTC+02:00)"),
        ("Europe/Paris", "Wednesday, 1 July 2026, 14:05 (Europe/Paris, UTC+02:00)"),
        ("America/St_Johns", "Wednesday, 1 July 2026, 09:35 (America/St_Johns, UTC-02:30)"),
        ("Pacific/Kiritimati", "Thursday, 2 July 2026, 02:05 (Pacific/Kiritimati, UTC+14:00)"),
    ],
)
def test_the_time_of_a_zone_is_told_with_its_day_and_offset(zone, told):
    assert time_in(zone, NOON) == told


@pytest.mark.parametrize("near", ["tokyo", "Tokyo", "Japan/Tokyo"])
def test_a_city_without_its_continent_is_answered_with_the_zone_that_was_meant(near):
    with refused(r"Did you mean Asia/Tokyo\?"):
        time_in(near, NOON)


@pytest.mark.parametrize(
    "wrong", ["Mars", "../../etc/passwd", "/etc/localtime", "America", "leapseconds", "a\0b"]
)
def test_what_is_no_zone_is_refused(wrong):
    with refused("There is no time zone"):
        time_in(wrong, NOON)


@given(st.text(max_size=200))
def test_any_text_is_a_zone_or_is_refused_shortly(text):
    try:
        told = time_in(text, NOON)
    except RefusedError as error:
        told = said_by(error)
    assert len(told) < 250
