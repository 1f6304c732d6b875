"""Discord's time, by what Discord tells of it: the host's clock may be wrong by minutes, or jump.

Owns the estimate. It runs on a clock that nobody sets, from the newest snowflake that was seen; so
it may be late (by the time since that snowflake was made), but never early. Before the first
snowflake the date of Discord's answers over HTTP counts, and before those the host's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Final

import aiohttp

from bot.domain.utterance import moment_of

# Linux has one that goes on while the machine sleeps; elsewhere the monotonic one does as well.
_UNSET: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
# Characters of a date in a header (RFC 9110, "IMF-fixdate" has 29).
_DATE: Final = 40


def since_boot() -> float:
    """Seconds on a clock that nobody sets, sleep included where the system tells of it."""
    return time.clock_gettime(_UNSET)


class GatewayClock:
    """The latest that Discord's clock is known to show. `steady` counts seconds."""

    def __init__(self, steady: Callable[[], float] = since_boot) -> None:
        self._steady = steady
        # Discord's time (unix seconds) less the steady one, by snowflakes and by dates.
        self._ahead: float | None = None
        self._ahead_by_dates: float | None = None

    def saw(self, snowflake: int) -> None:
        """Something with this id was made by now."""
        ahead = moment_of(snowflake).timestamp() - self._steady()
        self._ahead = ahead if self._ahead is None else max(self._ahead, ahead)

    def saw_date(self, date: str | None) -> None:
        """An answer of Discord's had this `Date`; counts until the first snowflake is seen."""
        try:
            told = parsedate_to_datetime((date or "")[:_DATE]).timestamp()
        except (ValueError, OverflowError):
            return  # none, or a proxy's own idea of a date
        ahead, known = told - self._steady(), self._ahead_by_dates
        self._ahead_by_dates = ahead if known is None else max(known, ahead)

    def watch(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Read the date of each answer that is traced; gives `trace` back."""

        async def look(
            session: aiohttp.ClientSession,  # noqa: ARG001 aiohttp calls it with three
            context: SimpleNamespace,  # noqa: ARG001
            params: aiohttp.TraceRequestEndParams,
        ) -> None:
            self.saw_date(params.response.headers.get("Date"))

        # First: what else looks at answers may raise.
        trace.on_request_end.insert(0, look)
        return trace

    def now(self) -> datetime:
        """What Discord's clock shows, as far as is known (aware)."""
        ahead = self._ahead_by_dates if self._ahead is None else self._ahead
        if ahead is None:
            return datetime.now(UTC)
        return datetime.fromtimestamp(self._steady() + ahead, UTC)

    def is_within(self, moment: datetime, span: timedelta) -> bool:
        """Whether `moment` is at most `span` ago, as far as is known."""
        if self._ahead is None and self._ahead_by_dates is None:
            return True
        return self.now() - moment < span
