"""Health probes of the server: a test write, and the use of its memory. Owns no schedule.

A full or read-only server still answers a PING. So the probe writes in the same way as the ledger:
by a script, with keys that a Cluster would keep in different slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psutil

from bot.errors import StoreRefusal, StoreRefusingError
from bot.store import keys
from bot.store.connection import Store

# Seconds until the probe's keys expire.
PROBE_KEPT: Final = 60

_PROBE: Final = """
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'EX', ARGV[1]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """The server's use of memory, in bytes."""

    used: int
    limit: int
    """0 when unknown."""
    of_host: bool = False
    """Whether `limit` is the machine's memory, because the server has no limit of its own."""

    @property
    def share(self) -> float:
        """The used share of the limit, from 0 to 1; 0 when the limit is unknown."""
        return min(self.used / self.limit, 1.0) if self.limit else 0.0


class Prober:
    """Probes a server. `on_this_host`: the server uses the memory of this machine."""

    def __init__(self, store: Store, *, on_this_host: bool = False) -> None:
        self._store = store
        self._on_this_host = on_this_host
        self._probe = store.client.register_script(_PROBE)

    async def write(self) -> None:
        """Make a test write. Raises the `StoreError` that the write of a turn would raise."""
        async with self._store.reached():
            await self._probe(keys=keys.PROBES, args=[PROBE_KEPT])

    async def memory(self) -> MemoryUse:
        """Return the use of memory. Raises `StoreError`, also when the server is in a Cluster."""
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
