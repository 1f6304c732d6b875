"""A rate limit on one person's commands, buttons and forms.

Discord has none for them, and some commands read the channel: thirty a second would use up the
bot's global rate limit, and everybody else would wait. A refusal costs a single response.
"""

from __future__ import annotations

from typing import Final

import discord

from bot import refusals
from bot.discord_io.recent import Recent
from bot.errors import RefusedError
from cogs.authority import Interaction

# Burst size, enough to leaf through the alternatives of a reply.
AT_ONCE: Final = 10
# Tokens refilled per second.
A_SECOND: Final = 1.5
# Autocompletion sends an interaction for each letter; answering it makes no other request.
_UNCOUNTED: Final = discord.InteractionType.autocomplete
PEOPLE_KEPT: Final = 5_000


class Presses:
    """A token bucket for each person: `AT_ONCE` tokens, refilled at `A_SECOND`."""

    def __init__(self) -> None:
        # Person's id → tokens left, and when they were counted (seconds since the epoch).
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
