"""What Redis answers to a command that it refuses, as errors of ours, and how often that is logged.

A refusal concerns everybody (the server is full, or may only be read) or the one key that was to be
written. redis-py repeats a pipeline's command in its error, and with it what people said: of that
text only the server's own words are kept.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Final

from redis.exceptions import RedisError

from bot.errors import StoreError, StoreRefusal, StoreRefusingError

log = logging.getLogger(__name__)

# The same kind of refusal is logged once in so many seconds.
LOGGED_AGAIN: Final = 60.0
REASON_LIMIT: Final = 200

# The codes of refusals that concern everybody. LOADING is not among them: redis-py takes it for a
# server that cannot be reached.
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
# What a script is told whose user may not give its commands: by Redis, and by Valkey.
_NO_RIGHT: Final = ("The user executing the script can't run", "ACL failure in script")
_PIPELINE: Final = " of pipeline caused error: "
# … which is followed by a tuple of texts as Python writes it, where the client is asyncio's.
_TUPLE: Final = re.compile(r"\((?:'|\")(.*?)(?:(?:'|\"),\))?", re.DOTALL)
# Where in which script it happened: nothing for people.
_SCRIPT: Final = re.compile(r" script: (?:[0-9a-f]{40}, )?on @user_script")


def refused(where: str, error: RedisError) -> StoreError:
    """The error for an answer of the server at `where`: for everybody, or for one command alone."""
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
    """The server's own words with their code, without what was to be written."""
    text = str(error.args[0]) if error.args else type(error).__name__
    text = text.rpartition(_PIPELINE)[2]
    if (wrapped := _TUPLE.fullmatch(text)) is not None:
        text = wrapped[1]
    text = _SCRIPT.split(text, maxsplit=1)[0].strip()
    # redis-py cuts the code off where it has a class for it.
    code = error.status_code or ""
    return (text if text.startswith(code) else f"{code} {text}")[:REASON_LIMIT].rstrip(".")


class RefusalLog:
    """Logs refusals, each kind once in `LOGGED_AGAIN` seconds, with how many were left out."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[float, int]] = {}

    def note(self, error: StoreError) -> None:
        """A command was refused."""
        kind = error.refusal.value if isinstance(error, StoreRefusingError) else str(error)
        now = time.monotonic()
        logged_at, left_out = self._kinds.get(kind, (-LOGGED_AGAIN, 0))
        if now - logged_at < LOGGED_AGAIN:
            self._kinds[kind] = (logged_at, left_out + 1)
            return
        # Of what only passed by nothing is kept: an error's text is not bounded in kinds.
        self._kinds = {
            kept: (at, count)
            for kept, (at, count) in self._kinds.items()
            if now - at < LOGGED_AGAIN
        }
        self._kinds[kind] = (now, 0)
        more = f" ({left_out} more like it since it was last logged)" if left_out else ""
        log.error("%s%s", error, more)
