"""What the host allows members: where, how much, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.spending import SpendingLimits
from bot.rooms.access import Access
from bot.rooms.turn_slots import SlotLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """The host's limits; the defaults bound nothing but turns at once."""

    access: Access = field(default_factory=Access)
    spending: SpendingLimits = field(default_factory=SpendingLimits)
    slots: SlotLimits = field(default_factory=SlotLimits)
