"""Discord's time, whatever the host's clock shows."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.discord_io.gateway_clock import GatewayClock
from bot.domain.utterance import snowflake_at

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def test_a_moment_is_as_old_as_discord_says_and_ages_with_the_monotonic_clock() -> None:
    seconds = [50.0]
    clock = GatewayClock(lambda: seconds[0])
    assert clock.is_within(NOON - timedelta(days=1), TEN)  # nothing is known yet
    clock.saw(snowflake_at(NOON))
    assert clock.is_within(NOON - timedelta(minutes=9), TEN)
    assert not clock.is_within(NOON - timedelta(minutes=11), TEN)
    seconds[0] += 120
    assert not clock.is_within(NOON - timedelta(minutes=9), TEN)


def test_an_old_snowflake_does_not_set_the_clock_back() -> None:
    clock = GatewayClock(lambda: 0.0)
    clock.saw(snowflake_at(NOON))
    clock.saw(snowflake_at(NOON - timedelta(hours=1)))
    assert not clock.is_within(NOON - timedelta(minutes=11), TEN)


def test_the_host_s_clock_counts_until_discord_tells_of_its_own() -> None:
    clock = GatewayClock(lambda: 7.0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.saw_date("Mon, 30 Nov 2026 11:50:00 GMT")
    assert clock.now() == NOON - TEN
    clock.saw(snowflake_at(NOON))
    assert clock.now() == NOON


def test_a_proxy_whose_clock_is_fast_counts_no_more_once_a_snowflake_is_seen() -> None:
    clock = GatewayClock(lambda: 0.0)
    clock.saw(snowflake_at(NOON))
    clock.saw_date("Mon, 30 Nov 2026 12:10:00 GMT")
    assert clock.now() == NOON


@pytest.mark.parametrize("date", [None, "", "noon", "Mon, 99 Foo 2026", "Mon, " + "3" * 100_000])
def test_what_is_no_date_tells_nothing(date: str | None) -> None:
    clock = GatewayClock(lambda: 0.0)
    clock.saw_date("Mon, 30 Nov 2026 12:00:00 GMT")
    clock.saw_date(date)
    assert clock.now() == NOON


@pytest.mark.parametrize("shift", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_a_host_whose_clock_is_set_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, shift: timedelta
) -> None:
    clock = GatewayClock()
    clock.saw(snowflake_at(NOON))
    before = clock.now()
    wrong = time.time() + shift.total_seconds()
    monkeypatch.setattr(time, "time", lambda: wrong)
    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)
