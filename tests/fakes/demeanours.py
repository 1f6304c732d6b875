"""The twin in memory of `bot.store.demeanours.RedisDemeanours`."""

from __future__ import annotations

from bot.domain.room import Seat
from bot.rooms.demeanours import PLAIN, Demeanour


class MemoryDemeanours:
    """A `DemeanourStore`."""

    def __init__(self) -> None:
        self.kept: dict[Seat, Demeanour] = {}

    async def demeanours(self) -> dict[Seat, Demeanour]:
        return dict(self.kept)

    async def keep_demeanour(self, seat: Seat, demeanour: Demeanour) -> None:
        if demeanour == PLAIN:
            self.kept.pop(seat, None)
        else:
            self.kept[seat] = demeanour
