"""Slow mode for messages that people send through the bot, which Discord itself exempts.

Owns the time of each person's last message in channels with slow mode, whether their own or through
the bot. Callers check Discord's permission *Bypass Slowmode*.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import discord

from bot.discord_io.recent import Recent

# (Channel, person) pairs to remember; Discord's longest slow mode is six hours.
SPEAKERS_KEPT: Final = 5_000


class SlowMode:
    """Tracks the last message of each person in each channel or Discord thread."""

    def __init__(self) -> None:
        # (channel or Discord thread id, user id) → Unix time of the last message.
        self._last_sent: Recent[tuple[int, int], float] = Recent(SPEAKERS_KEPT)

    def heard(self, message: discord.Message) -> None:
        """Record a person's own message, which Discord has let through."""
        if delay_of(message.channel):
            self._last_sent[message.channel.id, message.author.id] = message.created_at.timestamp()

    def wait(self, channel: object, person: int, at: datetime) -> float:
        """Return the seconds that the person must still wait at time `at`; 0 if none."""
        delay = delay_of(channel)
        left = self._last(channel, person) + delay - at.timestamp()
        return max(0.0, left) if delay else 0.0

    @contextmanager
    def speaking(self, channel: object, person: int, at: datetime) -> Iterator[None]:
        """Record a message through the bot at time `at`; undone if the `with` body raises."""
        if not delay_of(channel):
            yield
            return
        key, before = _key(channel, person), self._last(channel, person)
        self._last_sent[key] = now = at.timestamp()
        try:
            yield
        except BaseException:
            if self._last_sent.get(key) == now:
                self._last_sent[key] = before
            raise

    def _last(self, channel: object, person: int) -> float:
        return self._last_sent.get(_key(channel, person), float("-inf"))


def delay_of(channel: object) -> int:
    """Return the slow mode delay of a channel or Discord thread in seconds; 0 if it is off."""
    return int(getattr(channel, "slowmode_delay", 0) or 0)


def _key(channel: object, person: int) -> tuple[int, int]:
    return int(getattr(channel, "id", 0)), person
