"""Who streams in a channel, and which of its messages are spoken for. Owns no request.

A webhook's few writes a second are shared by all characters of a channel and its threads. So one
of them streams at a time; the others' finals pass it by (`ratelimit.Priority`).
"""

from __future__ import annotations

from typing import Final

from bot.discord_io.recent import Recent

# Enough for what several characters send within one look at the channel.
CLAIMS_KEPT: Final = 128
# Channels that were spoken in last; one that is dropped while it is used only streams less evenly.
LANES_KEPT: Final = 1_000


class Lane:
    """The writes of one parent channel."""

    def __init__(self) -> None:
        self._streamer: object | None = None
        self._claimed: Recent[int, None] = Recent(CLAIMS_KEPT)

    def may_stream(self, speaker: object) -> bool:
        """Whether `speaker` may show words on their way: the first to ask, until it leaves."""
        if self._streamer is None:
            self._streamer = speaker
        return self._streamer is speaker

    def leave(self, speaker: object) -> None:
        """`speaker` is done."""
        if self._streamer is speaker:
            self._streamer = None

    def claim(self, message_id: int) -> bool:
        """Say that a message is ours; False when somebody said so before."""
        if message_id in self._claimed:
            return False
        self._claimed[message_id] = None
        return True

    def has(self, message_id: int) -> bool:
        """Whether it was claimed by somebody."""
        return message_id in self._claimed


class Lanes:
    """The lanes by parent channel."""

    def __init__(self) -> None:
        self._lanes: Recent[int, Lane] = Recent(LANES_KEPT)

    def __len__(self) -> int:
        return len(self._lanes)

    def of(self, channel_id: int) -> Lane:
        """The lane of that channel."""
        lane = self._lanes.get(channel_id) or Lane()
        self._lanes[channel_id] = lane
        return lane

    def drop(self, channel_id: int) -> None:
        """The channel is gone."""
        self._lanes.pop(channel_id, None)
