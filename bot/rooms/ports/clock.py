"""The clock that dates messages, as the rooms read it. A protocol only."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Discord's clock, as far as it is known: the host's own may be wrong by minutes."""

    def now(self) -> datetime:
        """Return the time now (aware)."""
        ...
