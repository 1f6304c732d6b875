"""Detects shards whose heartbeats Discord no longer acknowledges: dead but open connections.

The client sends a heartbeat every `heartbeat_interval` of the gateway's HELLO (Discord: 41.25 s),
and Discord acknowledges it (op 11). discord.py drops a connection after 60 s without any message at
the earliest, and never drops a connection that lacks only acknowledgements. This module only reads
discord.py's state.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

# Seconds that an acknowledgement may take beyond the interval; discord.py warns after ten.
LATE_SECONDS = 10.0


def unanswered(
    client: discord.AutoShardedClient,
    *,
    late: float = LATE_SECONDS,
    now: Callable[[], float] = time.perf_counter,
) -> dict[int, float]:
    """Return shard id → seconds since its last acknowledgement, for shards that are overdue.

    A dead connection is overdue after one interval plus `late` seconds. Disconnected shards are
    left out. `now` must be the clock that discord.py uses for acknowledgements.
    """
    overdue: dict[int, float] = {}
    for shard_id, shard in client.shards.items():
        # discord.py's public API has only the last latency, not the time of the acknowledgement.
        keep_alive = shard._parent.ws._keep_alive  # noqa: SLF001 see above
        if shard.is_closed() or keep_alive is None or keep_alive.interval is None:
            continue
        since = now() - keep_alive._last_ack  # noqa: SLF001 see above
        if since > keep_alive.interval + late:
            overdue[shard_id] = since
    return overdue
