"""One host for each token: who holds a lease in Redis runs the bot, everybody else waits or ends.

Two processes on one token would both hear every message and answer it twice. The lease names its
holder, so that a restart on the same machine after a crash need not wait until it runs out. Owns
the lease, not what ends when it is lost.
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

# Seconds without renewal after which another host may take over, and between two renewals: a
# few may fail. The first is also how long a start waits for a holder on another machine.
LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0
# Giving it back may take so long: the end of the bot does not wait for a store that hangs.
GIVE_BACK_SECONDS = 1.0
# Seconds between two looks at a lease that somebody else holds.
LOOK_SECONDS = 0.5
# Two readings of one process's time of creation differ when the clock was set between them.
CLOCK_SLACK = 2.0

# Taken when it is free, ours, or still held by exactly whom the caller knows to be gone.
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
    """Who holds a lease. `space` is the machine and its process ids: only there `pid` says much."""

    id: str
    host: str
    space: str
    pid: int
    created: float

    @classmethod
    def of_this_process(cls) -> Holder:
        """This process, told apart from any other by a random id."""
        host, pid = platform.node(), os.getpid()
        return cls(uuid4().hex, host, _space(host), pid, psutil.Process().create_time())

    def is_gone(self, here: Holder) -> bool:
        """Whether it surely runs no more; False for one that cannot be seen from `here`."""
        if self.space != here.space:
            return False
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= CLOCK_SLACK
            return not same or process.status() == psutil.STATUS_ZOMBIE
        except (psutil.Error, ValueError):
            return True


class HostLease:
    """The lease of one token. Held from entering to leaving, as long as `keep` runs.

    Raises `HostTakenError` on entering when another host still holds it after `patience` seconds.
    A store that refuses it (full, or only to be read) is waited for, as one that is away.
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
        # The token itself is a secret; its digest only tells one bot from another.
        self._key = keys.host(hashlib.sha256(token.encode()).hexdigest()[:16])
        self._holder = holder or Holder.of_this_process()
        self._row = json.dumps(asdict(self._holder))
        self._seconds = seconds
        self._patience = patience
        self._take = store.client.register_script(_TAKE)
        self._give_back = store.client.register_script(_GIVE_BACK)

    async def __aenter__(self) -> Self:
        waited = 0.0
        while (other := await self._first_look()) is not None:
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
            log.info("the lease is left to run out: %s", away)

    async def keep(self) -> HostTakenError:
        """Renew it for ever; returns when somebody else has it.

        While the store is away nobody can take it: what was ours is taken back first.
        """
        said = ""
        while True:
            await asyncio.sleep(self._seconds * RENEW_SECONDS / LEASE_SECONDS)
            try:
                other = await self._held_by_other()
            except StoreError as away:
                if str(away) != said:
                    log.warning("the lease cannot be renewed: %s", away)
                said = str(away)
                continue
            said = ""
            if other is not None:
                return HostTakenError(other.host)

    async def _first_look(self) -> Holder | None:
        """Take it, or say who has it, once the store takes a write at all."""
        refused = AsyncRetrying(
            retry=retry_if_exception_type(StoreError),
            wait=wait_exponential(multiplier=LOOK_SECONDS, max=RENEW_SECONDS),
            before_sleep=_say_why,
        )
        return await refused(self._held_by_other)

    async def _held_by_other(self) -> Holder | None:
        """Take or renew it; who has it instead of us."""
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


def _say_why(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    # Once: a refusal is logged where it is refused, as long as it lasts.
    level = logging.WARNING if state.attempt_number == 1 else logging.DEBUG
    log.log(level, "the bot cannot start yet: %s", error)


def _read(row: str) -> Holder | None:
    try:
        return Holder(**json.loads(row))
    except (ValueError, TypeError):
        log.warning("the lease of this bot is held by something unreadable: taking it")
        return None


def _space(host: str) -> str:
    """This boot of this machine and its table of process ids: containers share neither a pid
    namespace nor, as a rule, a name.
    """
    boot, pids = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if boot.is_file():
        return f"{host} {boot.read_text('ascii').strip()} {pids.stat().st_ino}"
    return f"{host} {psutil.boot_time():.0f}"
