"""A channel's slow mode, for what people say through the bot: Discord holds commands to none.

Owns when each person said something here by command last. What they write themselves is Discord's
to count, and is not known here.
"""

from __future__ import annotations

from typing import Final

from bot.discord_io.recent import Recent
from bot.errors import RefusedError
from cogs.authority import Interaction
from cogs.show import duration

# People in channels with slow mode; Discord's longest one is six hours.
SPEAKERS_KEPT: Final = 5_000


class SlowMode:
    """Lets people speak as often as the channel does."""

    def __init__(self) -> None:
        # (room id, person's id) → when they spoke by command, in seconds since the epoch.
        self._spoke: Recent[tuple[int, int], float] = Recent(SPEAKERS_KEPT)

    def take(self, interaction: Interaction) -> None:
        """They speak now. Raises `RefusedError` when it is too early for that."""
        delay = getattr(interaction.channel, "slowmode_delay", 0)
        if not delay or interaction.permissions.bypass_slowmode:
            return
        who = (interaction.channel_id or 0, interaction.user.id)
        now = interaction.created_at.timestamp()
        wait = self._spoke.get(who, float("-inf")) + delay - now
        if wait > 0:
            raise RefusedError(
                f"This channel is in slow mode. You can speak again in {duration(wait + 1)}."
            )
        self._spoke[who] = now
