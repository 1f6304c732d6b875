"""Whether the server takes our writes, and how full its memory is. Owns no clock and no words.

A PING is answered by a server that is full or may only be read. So a probe writes as turns are
written: a script, over keys that a Cluster would keep apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psutil

from bot.errors import StoreRefusal, StoreRefusingError
from bot.store import keys
from bot.store.connection import Store

# Seconds until the probe's keys go by themselves.
PROBE_KEPT: Final = 60

_PROBE: Final = """
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'EX', ARGV[1]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What the server's memory holds, in bytes, and what it may; a `limit` of 0 is not known.

    `of_host`: the server has no limit of its own, so that the machine's memory is one.
    """

    used: int
    limit: int
    of_host: bool = False

    @property
    def share(self) -> float:
        """The part that is used, from 0 to 1."""
        return min(self.used / self.limit, 1.0) if self.limit else 0.0


class Prober:
    """Asks one server. `on_this_host`: what else runs here shares its memory."""

    def __init__(self, store: Store, *, on_this_host: bool = False) -> None:
        self._store = store
        self._on_this_host = on_this_host
        self._probe = store.client.register_script(_PROBE)

    async def write(self) -> None:
        """Write and return; raises what a turn's write would: a `StoreError` with its reason."""
        async with self._store.reached():
            await self._probe(keys=keys.PROBES, args=[PROBE_KEPT])

    async def memory(self) -> MemoryUse:
        """How full it is. Raises `StoreError`, also when the server is one of a Cluster."""
        async with self._store.pipeline(transaction=False) as pipe:
            pipe.info("memory")
            pipe.info("cluster")
            memory, cluster = await pipe.execute()
        if cluster.get("cluster_enabled"):
            where = self._store.where
            raise StoreRefusingError(
                StoreRefusal.CLUSTER,
                f"Redis at {where} is a Cluster (cluster_enabled), which is not supported yet",
            )
        return self._use(memory)

    def _use(self, memory: dict[str, Any]) -> MemoryUse:
        used, limit = int(memory.get("used_memory", 0)), int(memory.get("maxmemory", 0))
        if limit:
            return MemoryUse(used, limit)
        if self._on_this_host:
            return MemoryUse(used, used + psutil.virtual_memory().available, of_host=True)
        return MemoryUse(used, int(memory.get("total_system_memory", 0)), of_host=True)
