"""A channel's slow mode, for what people have the bot say: Discord holds the bot to none.

Owns when each person spoke last in the places that are in slow mode: by a message of their own, or
through the bot. Who is held at all is Discord's permission *Bypass Slowmode*.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import discord

from bot.discord_io.recent import Recent

# People in channels with slow mode; Discord's longest one is six hours.
SPEAKERS_KEPT: Final = 5_000


class SlowMode:
    """One clock for each person and place, whichever way they speak."""

    def __init__(self) -> None:
        # (channel or thread, person) → when they spoke last, in seconds since the epoch.
        self._spoke: Recent[tuple[int, int], float] = Recent(SPEAKERS_KEPT)

    def heard(self, message: discord.Message) -> None:
        """Count a message that the person wrote; Discord has already let it pass."""
        if delay_of(message.channel):
            self._spoke[message.channel.id, message.author.id] = message.created_at.timestamp()

    def wait(self, channel: object, person: int, at: datetime) -> float:
        """How long that person still has to wait there at that time, in seconds; 0: not at all."""
        delay = delay_of(channel)
        left = self._last(channel, person) + delay - at.timestamp()
        return max(0.0, left) if delay else 0.0

    @contextmanager
    def speaking(self, channel: object, person: int, at: datetime) -> Iterator[None]:
        """Count that the person speaks at that time; not if the body of the `with` raises."""
        if not delay_of(channel):
            yield
            return
        key, before = _key(channel, person), self._last(channel, person)
        self._spoke[key] = now = at.timestamp()
        try:
            yield
        except BaseException:
            if self._spoke.get(key) == now:
                self._spoke[key] = before
            raise

    def _last(self, channel: object, person: int) -> float:
        return self._spoke.get(_key(channel, person), float("-inf"))


def delay_of(channel: object) -> int:
    """Seconds between two messages of a person in that channel or thread; 0: no slow mode."""
    return int(getattr(channel, "slowmode_delay", 0) or 0)


def _key(channel: object, person: int) -> tuple[int, int]:
    return int(getattr(channel, "id", 0)), person
