"""The way to one Redis or Valkey server: opening, retrying, health, and what the server is.

Every failure to reach it becomes a `StoreUnavailableError` here and nowhere else. Owns no
keys and no values. The password stays in the client: it is in no text made here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_fixed

from bot.errors import SettingsError, StoreUnavailableError
from bot.store.refusals import RefusalLog, refused

log = logging.getLogger(__name__)

# Seconds for a socket to open, and for one answer to come.
CONNECT_TIMEOUT = 2.0
ANSWER_TIMEOUT = 4.0
# Seconds for one call of ours with all its retries: redis-py retries connecting inside its
# retries of a command, so the two timeouts alone would allow a minute.
CALL_DEADLINE = 8.0
# Retries of one command, with waits of 0.1 to 1 s between them: a server that is restarted
# is back within that, and nobody notices.
RETRIES = 4
# Seconds of quiet after which a connection is tried before it is trusted.
HEALTH_CHECK_INTERVAL = 30
# Connections at once; further calls wait for one, ANSWER_TIMEOUT at most.
CONNECTIONS = 32
# Seconds between two looks for a server that is not there at start.
READY_INTERVAL = 2.0


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the server says of itself (INFO): for `doctor`.

    `appendonly`: every write is also kept in a file.
    `evicts`: it may drop our keys when its memory is full (any policy but `noeviction`).
    """

    product: str
    version: str
    appendonly: bool
    maxmemory_policy: str
    maxmemory: int

    @property
    def evicts(self) -> bool:
        """True when a full server may drop what we rely on."""
        return self.maxmemory > 0 and self.maxmemory_policy != "noeviction"


class Store:
    """One server. `where` names it for people: `host:port` or a socket's path, no password."""

    def __init__(self, url: str) -> None:
        self.where = _where(url)
        self._redis = Redis.from_pool(_pool(url))
        self._refusals = RefusalLog()

    def __repr__(self) -> str:
        return f"Store({self.where})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def client(self) -> Redis:
        """The client itself, to register scripts with; calls go through `reached`."""
        return self._redis

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Any]:
        """The client, for one call. Raises `StoreUnavailableError` within `CALL_DEADLINE`.

        Given as Any: answers are decoded here, and redis-py's types (bytes or text) cannot say so.
        What the server refuses everybody (it is full, or read only) is a `StoreRefusingError`, what
        it refuses of one key a plain `StoreError`.
        """
        try:
            async with asyncio.timeout(CALL_DEADLINE):
                yield self._redis
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            raise StoreUnavailableError(
                f"Redis at {self.where} cannot be reached: {_reason(error)}"
            ) from error
        except RedisError as error:
            told = refused(self.where, error)
            self._refusals.note(told)
            # Without its cause: that one repeats what was to be written.
            raise told from None

    @asynccontextmanager
    async def pipeline(self, *, transaction: bool = True) -> AsyncIterator[Any]:
        """Commands for one round trip, to be executed within; raises as `reached`.

        It always gives its connection back. redis-py alone keeps it where the look-up of a script
        in a pipeline is cut off, and with all of them kept nothing reaches the server any more.
        """
        async with self.reached() as redis, redis.pipeline(transaction=transaction) as pipe:
            yield pipe

    async def ping(self) -> None:
        """Return when the server answers; raise `StoreUnavailableError` when it does not."""
        async with self.reached() as redis:
            await redis.ping()

    async def wait_until_ready(
        self, on_wait: Callable[[str], None] | None = None, *, interval: float = READY_INTERVAL
    ) -> None:
        """Return once the server answers; try every `interval` seconds, for ever.

        Each reason is logged once, and `on_wait` is told the same line every time.
        """
        said = ""

        def waiting(state: RetryCallState) -> None:
            nonlocal said
            error = state.outcome.exception() if state.outcome else None
            line = f"{error}; trying again every {interval:g} s"
            if line != said:
                log.warning("%s", line)
                said = line
            if on_wait is not None:
                on_wait(line)

        tries = AsyncRetrying(
            retry=retry_if_exception_type(StoreUnavailableError),
            wait=wait_fixed(interval),
            before_sleep=waiting,
        )
        await tries(self.ping)
        if said:
            log.info("Redis at %s answers", self.where)

    async def facts(self) -> ServerFacts:
        """Ask the server what it is and how it keeps data."""
        async with self.reached() as redis:
            info: dict[str, Any] = await redis.info("all")
        valkey = info.get("valkey_version")
        return ServerFacts(
            product="Valkey" if valkey else "Redis",
            version=str(valkey or info.get("redis_version", "unknown")),
            appendonly=bool(info.get("aof_enabled", 0)),
            maxmemory_policy=str(info.get("maxmemory_policy", "unknown")),
            maxmemory=int(info.get("maxmemory", 0)),
        )

    async def close(self) -> None:
        """Close every connection. Safe to repeat."""
        await self._redis.aclose()


def _pool(url: str) -> BlockingConnectionPool:
    # RESP2 is what every server speaks, and nothing here needs RESP3; with it redis-py would
    # also ask each new connection for maintenance notices that only one vendor's cloud sends.
    # Without driver_info=None it would read its own package's metadata from disk, on the loop,
    # for every connection (redis.driver_info), only to tell the server its name.
    try:
        return BlockingConnectionPool.from_url(
            _spelled_for_redis(url),
            protocol=2,
            driver_info=None,
            decode_responses=True,
            max_connections=CONNECTIONS,
            timeout=ANSWER_TIMEOUT,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=ANSWER_TIMEOUT,
            health_check_interval=HEALTH_CHECK_INTERVAL,
            retry=Retry(ExponentialWithJitterBackoff(cap=1.0, base=0.1), RETRIES),
        )
    except (ValueError, TypeError):
        # The library's own text may quote pieces of the address, the password among them.
        raise SettingsError("REDIS_URL", _URL_HELP) from None


_URL_HELP = (
    "REDIS_URL is not an address of Redis. It looks like redis://host:6379/0, "
    "rediss://:password@host:6379/0 for TLS, or unix:///path/to/socket; "
    "write special characters of a password as %XX."
)


def _spelled_for_redis(url: str) -> str:
    """Valkey's own spelling of the schemes means the same."""
    if url.startswith(("valkey://", "valkeys://")):
        return "redis" + url.removeprefix("valkey")
    return url


def _where(url: str) -> str:
    """The address without name, password and options."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "localhost"
        address = f"[{host}]" if ":" in host else host
        address = f"{address}:{parts.port or 6379}"
    except ValueError:
        raise SettingsError("REDIS_URL", _URL_HELP) from None
    return parts.path if parts.scheme == "unix" else address


def _reason(error: BaseException) -> str:
    return str(error) or f"no answer within {CALL_DEADLINE:g} s"
