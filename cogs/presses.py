"""A rate limit on one person's commands, buttons and forms.

Discord sets none, and some commands read the channel: thirty a second would use up the bot's global
rate limit, and everybody else would wait. A refusal is one response and no other request.
"""

from __future__ import annotations

from typing import Final

import discord

from bot import refusals
from bot.discord_io.recent import Recent
from bot.errors import RefusedError
from cogs.authority import Interaction

# At once, as when somebody leafs through the takes of a reply; and then so many in a second.
AT_ONCE: Final = 10
A_SECOND: Final = 1.5
# What is typed into an option is asked about with each letter, and costs no request at all.
_UNCOUNTED: Final = discord.InteractionType.autocomplete
PEOPLE_KEPT: Final = 5_000


class Presses:
    """A token bucket for each person: `AT_ONCE` tokens, refilled at `A_SECOND`."""

    def __init__(self) -> None:
        # Person's id → what they have left, and when that was counted (seconds since the epoch).
        self._left: Recent[int, tuple[float, float]] = Recent(PEOPLE_KEPT)

    def take(self, interaction: Interaction) -> None:
        """Take one token. Raises `RefusedError` when none is left."""
        if interaction.type is _UNCOUNTED:
            return
        who, now = interaction.user.id, interaction.created_at.timestamp()
        left, counted = self._left.get(who, (float(AT_ONCE), now))
        left = min(float(AT_ONCE), left + max(0.0, now - counted) * A_SECOND)
        passes = left >= 1
        self._left[who] = (left - 1 if passes else left, now)
        if not passes:
            raise RefusedError(refusals.TOO_FAST)
