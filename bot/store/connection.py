"""The connection to a Redis or Valkey server: opening, retries, health, and facts of the server.

No other module turns connection failures into `StoreUnavailableError`. Owns no keys and no values.
The password stays inside the client and appears in no text of this module.
"""

from __future__ import annotations

import asyncio
import logging
import os
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

# Timeouts in seconds for opening a socket, and for an answer.
CONNECT_TIMEOUT = 2.0
ANSWER_TIMEOUT = 4.0
# Deadline in seconds of a call with all its retries: redis-py retries connecting inside its retries
# of a command, so the two timeouts alone would allow a minute.
CALL_DEADLINE = 8.0
# Retries of a command, with pauses of 0.1 to 1 s: a server that is restarted is back within that
# time, and nobody notices.
RETRIES = 4
# Seconds of inactivity after which a connection is checked before its next use.
HEALTH_CHECK_INTERVAL = 30
# Size of the connection pool; further calls wait for a free connection, at most ANSWER_TIMEOUT.
CONNECTIONS = 32
# Seconds between two attempts to reach a server that is missing at start.
READY_INTERVAL = 2.0


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The server's facts from INFO, for `doctor`."""

    product: str
    version: str
    appendonly: bool
    """Whether every write is also kept in a file."""
    maxmemory_policy: str
    maxmemory: int
    """Bytes; 0 without a limit."""

    @property
    def evicts(self) -> bool:
        """Whether it may drop our keys when its memory is full (any policy but `noeviction`)."""
        return self.maxmemory > 0 and self.maxmemory_policy != "noeviction"


class Store:
    """A connection pool to one server. `where` is its address for display, without the password:
    `host:port` or a socket's path.
    """

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
        """The client itself, for registering scripts; calls go through `reached`."""
        return self._redis

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Any]:
        """Yield the client for one call. Raises `StoreUnavailableError` within `CALL_DEADLINE`.

        The type is Any because answers are decoded here, which redis-py's types (bytes or text)
        cannot express. If the server refuses all writes (full, read-only), `StoreRefusingError` is
        raised; if it refuses a single key, a plain `StoreError`.
        """
        try:
            async with asyncio.timeout(CALL_DEADLINE):
                yield self._redis
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            raise StoreUnavailableError(
                f"Redis at {self.where} cannot be reached: {_reason(error)}"
            ) from error
        except RedisError as error:
            refusal = refused(self.where, error)
            self._refusals.note(refusal)
            # Without its cause, whose text repeats the values of the command.
            raise refusal from None

    @asynccontextmanager
    async def pipeline(self, *, transaction: bool = True) -> AsyncIterator[Any]:
        """Yield a pipeline, to be executed inside the block; raises as `reached`.

        Always returns its connection to the pool. redis-py itself leaks the connection when the
        look-up of a script in a pipeline is interrupted, until the pool has none left.
        """
        async with self.reached() as redis, redis.pipeline(transaction=transaction) as pipe:
            yield pipe

    async def ping(self) -> None:
        """Send a PING. Raises `StoreUnavailableError` when the server does not answer."""
        async with self.reached() as redis:
            await redis.ping()

    async def wait_until_ready(
        self, on_wait: Callable[[str], None] | None = None, *, interval: float = READY_INTERVAL
    ) -> None:
        """Wait until the server answers, with an attempt every `interval` seconds, for ever.

        Logs each reason once; `on_wait` is called with the line after every attempt.
        """
        logged = ""

        def report(state: RetryCallState) -> None:
            nonlocal logged
            error = state.outcome.exception() if state.outcome else None
            line = f"{error}; trying again every {interval:g} s"
            if line != logged:
                log.warning("%s", line)
                logged = line
            if on_wait is not None:
                on_wait(line)

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(StoreUnavailableError),
            wait=wait_fixed(interval),
            before_sleep=report,
        )
        await retrying(self.ping)
        if logged:
            log.info("Redis at %s answers", self.where)

    async def facts(self) -> ServerFacts:
        """Read the server's product, version and persistence settings."""
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
        """Close every connection. Idempotent."""
        await self._redis.aclose()


def _pool(url: str) -> BlockingConnectionPool:
    # Every server speaks RESP2, and nothing here needs RESP3; with RESP3 redis-py would also
    # request, on each new connection, maintenance notices that only one vendor's cloud sends.
    # Without driver_info=None redis-py would read its own package metadata from disk, on the event
    # loop, for every connection (redis.driver_info), only to send its name to the server.
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
        # redis-py's own text may quote parts of the URL, the password among them.
        raise SettingsError("REDIS_URL", _URL_HELP) from None


_URL_HELP = (
    "REDIS_URL is not an address of Redis. It looks like redis://host:6379/0, "
    "rediss://:password@host:6379/0 for TLS, or unix:///path/to/socket; "
    "write special characters of a password as %XX."
)


def _spelled_for_redis(url: str) -> str:
    """Replace the schemes `valkey` and `valkeys` by `redis` and `rediss`."""
    if url.startswith(("valkey://", "valkeys://")):
        return "redis" + url.removeprefix("valkey")
    return url


def _where(url: str) -> str:
    """Return the address in the URL, without user name, password and options."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "localhost"
        address = f"[{host}]" if ":" in host else host
        address = f"{address}:{parts.port or 6379}"
    except ValueError:
        raise SettingsError("REDIS_URL", _URL_HELP) from None
    return parts.path if parts.scheme == "unix" else address


def _reason(error: BaseException) -> str:
    """Return why the server was not reached; redis-py's own text repeats the address twice."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, OSError) and cause.errno:
        # Resolver errors have numbers of their own, below 0.
        text = os.strerror(cause.errno) if cause.errno > 0 else cause.strerror or str(cause)
        return text.lower()
    return str(error).rstrip(".") or f"no answer within {CALL_DEADLINE:g} s"
