"""The host's limits on members: where the bot serves them, how much, and how many turns at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.spending import SpendingLimits
from bot.rooms.state.access import Access
from bot.rooms.turns.turn_slots import SlotLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """The host's limits; the defaults limit only the number of concurrent turns."""

    access: Access = field(default_factory=Access)
    spending: SpendingLimits = field(default_factory=SpendingLimits)
    slots: SlotLimits = field(default_factory=SlotLimits)
