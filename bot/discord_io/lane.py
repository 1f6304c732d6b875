"""Channel write locks: the streaming answer of each channel, and ownership claims of messages.

All characters of a channel and its Discord threads share the webhook's few writes per second, which
leave room for a single streaming answer. Final texts of other answers overtake its frames
(`ratelimit.Priority`). Makes no requests.
"""

from __future__ import annotations

from typing import Final

from bot.discord_io.recent import Recent

# Claims per channel: enough for all sends between a send and the look-up of its message.
CLAIMS_KEPT: Final = 128
# Most recently used channels. If a lock in use is evicted, streaming is only less even.
LANES_KEPT: Final = 1_000


class Lane:
    """The write lock of a parent channel, and the claims of its messages."""

    def __init__(self) -> None:
        self._streamer: object | None = None
        self._claimed: Recent[int, None] = Recent(CLAIMS_KEPT)

    def may_stream(self, speaker: object) -> bool:
        """Return whether `speaker` may write frames. The first caller may, until it leaves."""
        if self._streamer is None:
            self._streamer = speaker
        return self._streamer is speaker

    def leave(self, speaker: object) -> None:
        """Release the lock if `speaker` holds it."""
        if self._streamer is speaker:
            self._streamer = None

    def claim(self, message_id: int) -> bool:
        """Claim a message; return False if it is claimed already."""
        if message_id in self._claimed:
            return False
        self._claimed[message_id] = None
        return True

    def has(self, message_id: int) -> bool:
        """Return whether the message is claimed."""
        return message_id in self._claimed


class Lanes:
    """The write locks by parent channel."""

    def __init__(self) -> None:
        self._lanes: Recent[int, Lane] = Recent(LANES_KEPT)

    def __len__(self) -> int:
        return len(self._lanes)

    def of(self, channel_id: int) -> Lane:
        """Return the channel's lock, created on first use."""
        lane = self._lanes.get(channel_id) or Lane()
        self._lanes[channel_id] = lane
        return lane

    def drop(self, channel_id: int) -> None:
        """Forget the lock of a deleted channel."""
        self._lanes.pop(channel_id, None)
