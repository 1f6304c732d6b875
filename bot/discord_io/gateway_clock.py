"""Discord's time, by what the gateway tells of it: the host's clock may be wrong by minutes.

Owns the estimate. It runs on the monotonic clock from the newest snowflake that was seen, so it may
be late (by the time since that snowflake was made, and while the host slept), but never early.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.utterance import moment_of


class GatewayClock:
    """The latest that Discord's clock is known to show. `monotonic` counts seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        # Discord's time (unix seconds) less the monotonic one.
        self._ahead: float | None = None

    def saw(self, snowflake: int) -> None:
        """Something with this id was made by now."""
        ahead = moment_of(snowflake).timestamp() - self._monotonic()
        self._ahead = ahead if self._ahead is None else max(self._ahead, ahead)

    def is_within(self, moment: datetime, span: timedelta) -> bool:
        """Whether `moment` is at most `span` ago, as far as is known."""
        if self._ahead is None:
            return True
        now = datetime.fromtimestamp(self._monotonic() + self._ahead, UTC)
        return now - moment < span
