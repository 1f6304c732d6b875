"""Discord's time, whatever the host's clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
