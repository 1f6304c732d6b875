"""Converts Redis's error replies into our errors, and rate-limits their log lines.

A refusal concerns all writes (the server is full or read-only) or a single key. redis-py repeats a
pipeline's command in its error, which includes what people wrote: only the server's own words are
kept of that text.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Final

from redis.exceptions import RedisError

from bot.errors import StoreError, StoreRefusal, StoreRefusingError

log = logging.getLogger(__name__)

# Seconds between two log lines for the same kind of refusal.
LOGGED_AGAIN: Final = 60.0
REASON_LIMIT: Final = 200

# The error codes that concern all writes. LOADING is missing because redis-py treats such a server
# as unreachable.
_BY_CODE: Final = {
    "OOM": StoreRefusal.FULL,
    "READONLY": StoreRefusal.READ_ONLY,
    "MASTERDOWN": StoreRefusal.READ_ONLY,
    "MISCONF": StoreRefusal.DISK,
    "NOREPLICAS": StoreRefusal.REPLICAS,
    "NOPERM": StoreRefusal.RIGHTS,
    "BUSY": StoreRefusal.BUSY,
    "MOVED": StoreRefusal.CLUSTER,
    "ASK": StoreRefusal.CLUSTER,
    "CROSSSLOT": StoreRefusal.CLUSTER,
    "CLUSTERDOWN": StoreRefusal.CLUSTER,
    "TRYAGAIN": StoreRefusal.CLUSTER,
}
# Before Redis 7 a script's error wraps the code: `… @user_script:1: -OOM command not allowed …`.
_CODE: Final = re.compile(rf"(?:^| -)({'|'.join(_BY_CODE)}) ")
# The errors of Redis and Valkey for a script whose user may not run its commands.
_NO_RIGHT: Final = ("The user executing the script can't run", "ACL failure in script")
_PIPELINE: Final = " of pipeline caused error: "
# In redis-py's asyncio client `_PIPELINE` is followed by the repr of a tuple of texts.
_TUPLE: Final = re.compile(r"\((?:'|\")(.*?)(?:(?:'|\"),\))?", re.DOTALL)
# The position in a script, which is not shown to people.
_SCRIPT: Final = re.compile(r" script: (?:[0-9a-f]{40}, )?on @user_script")


def refused(where: str, error: RedisError) -> StoreError:
    """Return the error for a reply of the server at `where`.

    `StoreRefusingError` when all writes are refused, a plain `StoreError` for a single command.
    """
    reason = _reason(error)
    if (code := _CODE.search(reason)) is not None:
        refusal = _BY_CODE[code[1]]
    elif any(text in reason for text in _NO_RIGHT):
        refusal = StoreRefusal.RIGHTS
    else:
        return StoreError(f"Redis at {where} refused one command: {reason}")
    if refusal is StoreRefusal.CLUSTER:
        reason = f"it is a Cluster, which is not supported yet ({reason})"
    return StoreRefusingError(refusal, f"Redis at {where} takes no writes: {reason}")


def _reason(error: RedisError) -> str:
    """Extract the server's own words with their code, without the values of the command."""
    text = str(error.args[0]) if error.args else type(error).__name__
    text = text.rpartition(_PIPELINE)[2]
    if (wrapped := _TUPLE.fullmatch(text)) is not None:
        text = wrapped[1]
    text = _SCRIPT.split(text, maxsplit=1)[0].strip()
    # redis-py removes the code from the text if it has an exception class for it.
    code = error.status_code or ""
    return (text if text.startswith(code) else f"{code} {text}")[:REASON_LIMIT].rstrip(".")


class RefusalLog:
    """Logs each kind of refusal once in `LOGGED_AGAIN` seconds, with the number suppressed."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[float, int]] = {}

    def note(self, error: StoreError) -> None:
        """Log the refusal of a command, unless its kind was logged a short time ago."""
        kind = error.refusal.value if isinstance(error, StoreRefusingError) else str(error)
        now = time.monotonic()
        logged_at, suppressed = self._kinds.get(kind, (-LOGGED_AGAIN, 0))
        if now - logged_at < LOGGED_AGAIN:
            self._kinds[kind] = (logged_at, suppressed + 1)
            return
        # Drop old kinds: error texts, and so the kinds, are unbounded in number.
        self._kinds = {
            recent: (at, count)
            for recent, (at, count) in self._kinds.items()
            if now - at < LOGGED_AGAIN
        }
        self._kinds[kind] = (now, 0)
        more = f" ({suppressed} more like it since it was last logged)" if suppressed else ""
        log.error("%s%s", error, more)
