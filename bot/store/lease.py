"""A lease in Redis for each bot token: only its holder runs the bot, other processes wait or end.

Two processes with the same token would answer every message twice. The lease names its holder, so
that a restart on the same machine after a crash need not wait for the lease to expire. Owns the
lease only; the caller stops the bot when it is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psutil
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from bot.errors import HostTakenError, StoreError
from bot.store import keys
from bot.store.connection import Store

log = logging.getLogger(__name__)

# Seconds until a lease expires without renewal, and between two renewals, of which a few may fail.
# A start also waits `LEASE_SECONDS` for a holder on another machine.
LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0
# Deadline in seconds of the release: the bot's shutdown does not wait for a store that hangs.
GIVE_BACK_SECONDS = 1.0
# Seconds between two attempts to take a lease that another process holds.
LOOK_SECONDS = 0.5
# Seconds by which two readings of a process's creation time may differ: the clock may be set in
# between.
CLOCK_SLACK = 2.0

# Takes the lease if it is free, ours, or still held by the holder that the caller knows to be gone.
_TAKE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] and held ~= ARGV[3] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
"""

_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lease."""

    id: str
    """A random id."""
    host: str
    """The machine's name, for people."""
    space: str
    """The machine's boot and pid namespace: `pid` is comparable only within the same space."""
    pid: int
    created: float
    """The process's creation time, by psutil."""

    @classmethod
    def of_this_process(cls) -> Holder:
        """Describe this process, with a new random id."""
        host, pid = platform.node(), os.getpid()
        return cls(uuid4().hex, host, _space(host), pid, psutil.Process().create_time())

    def is_gone(self, here: Holder) -> bool:
        """Return whether it has certainly ended; False for a process in another space."""
        if self.space != here.space:
            return False
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= CLOCK_SLACK
            return not same or process.status() == psutil.STATUS_ZOMBIE
        except (psutil.Error, ValueError):
            return True


class HostLease:
    """The lease of a bot token, held inside an `async with` block as long as `keep` runs.

    Entering raises `HostTakenError` when another process still holds it after `patience` seconds.
    Entering waits for a store that is unreachable or refuses writes (full, read-only).
    """

    def __init__(
        self,
        store: Store,
        token: str,
        *,
        holder: Holder | None = None,
        seconds: float = LEASE_SECONDS,
        patience: float = LEASE_SECONDS + 3.0,
    ) -> None:
        self._store = store
        # The token is a secret; its digest identifies the bot.
        self._key = keys.host(hashlib.sha256(token.encode()).hexdigest()[:16])
        self._holder = holder or Holder.of_this_process()
        self._row = json.dumps(asdict(self._holder))
        self._seconds = seconds
        self._patience = patience
        self._take = store.client.register_script(_TAKE)
        self._give_back = store.client.register_script(_GIVE_BACK)

    async def __aenter__(self) -> Self:
        waited = 0.0
        while (other := await self._first_take()) is not None:
            if waited >= self._patience:
                raise HostTakenError(other.host)
            log.warning("another process runs this bot on %s: waiting for it", other.host)
            await asyncio.sleep(min(LOOK_SECONDS, self._patience - waited))
            waited += LOOK_SECONDS
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS), self._store.reached():
                await self._give_back(keys=[self._key], args=[self._row])
        except (StoreError, TimeoutError) as away:
            log.info("the lease is not released, and will expire: %s", away)

    async def keep(self) -> HostTakenError:
        """Renew the lease until another process holds it, and return the error for that.

        While the store is unreachable no process can take the lease, so it is renewed afterwards.
        """
        logged = ""
        while True:
            await asyncio.sleep(self._seconds * RENEW_SECONDS / LEASE_SECONDS)
            try:
                other = await self._held_by_other()
            except StoreError as away:
                if str(away) != logged:
                    log.warning("the lease cannot be renewed: %s", away)
                logged = str(away)
                continue
            logged = ""
            if other is not None:
                return HostTakenError(other.host)

    async def _first_take(self) -> Holder | None:
        """Wait until the store accepts writes, then do the same as `_held_by_other`."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(StoreError),
            wait=wait_exponential(multiplier=LOOK_SECONDS, max=RENEW_SECONDS),
            before_sleep=_log_failure,
        )
        return await retrying(self._held_by_other)

    async def _held_by_other(self) -> Holder | None:
        """Take or renew the lease; return the holder if another process has it, else None."""
        known_gone = ""
        while True:
            async with self._store.reached():
                held: str | None = await self._take(
                    keys=[self._key], args=[self._row, int(self._seconds * 1_000), known_gone]
                )
            if held is None:
                return None
            other = _read(held)
            if other is not None and not other.is_gone(self._holder):
                return other
            known_gone = held


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    # Only the first: `RefusalLog` logs a refusal for as long as it lasts.
    level = logging.WARNING if state.attempt_number == 1 else logging.DEBUG
    log.log(level, "the bot cannot start yet: %s", error)


def _read(row: str) -> Holder | None:
    try:
        return Holder(**json.loads(row))
    except (ValueError, TypeError):
        log.warning("taking the lease of this bot: its record of the holder is unreadable")
        return None


def _space(host: str) -> str:
    """Identify this boot of the machine and the pid namespace. Containers have their own namespace
    and usually their own host name.
    """
    boot, pids = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if boot.is_file():
        return f"{host} {boot.read_text('ascii').strip()} {pids.stat().st_ino}"
    return f"{host} {psutil.boot_time():.0f}"
