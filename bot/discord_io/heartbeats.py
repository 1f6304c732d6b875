"""Whether Discord still answers a shard's heartbeats: a connection can look open and be dead.

The client beats every `heartbeat_interval` of the gateway's HELLO (Discord: 41.25 s), and each beat
is acknowledged (op 11). discord.py gives a silent connection up after 60 s without any message, at
the earliest, and a connection that only lacks acknowledgements never. Owns no connection: it reads
what discord.py has noted of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

# Seconds that an acknowledgement may take, beside the interval; discord.py warns from ten on.
LATE_SECONDS = 10.0


def unanswered(
    client: discord.AutoShardedClient,
    *,
    late: float = LATE_SECONDS,
    now: Callable[[], float] = time.perf_counter,
) -> dict[int, float]:
    """Shard → seconds since its last acknowledged beat, for those whose acknowledgement is overdue.

    So a connection that dies is found after an interval and `late` seconds. Shards that are not
    connected are not among them. `now` is discord.py's clock.
    """
    found: dict[int, float] = {}
    for number, shard in client.shards.items():
        # discord.py shows the last latency only, and not what is overdue.
        beating = shard._parent.ws._keep_alive  # noqa: SLF001 see above
        if shard.is_closed() or beating is None or beating.interval is None:
            continue
        since = now() - beating._last_ack  # noqa: SLF001 see above
        if since > beating.interval + late:
            found[number] = since
    return found
