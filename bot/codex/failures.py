"""What Codex's errors mean to us. The one place that reads its codes and its sentences.

The app-server answers very different things with the same code, so the text has to be read
too. The sentences are those of Codex 0.163 and 0.169.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.codex.protocol import TurnError
from bot.errors import (
    CodexRefusedError,
    RequestTimeoutError,
    RpcError,
    TurnFailedError,
    TurnFailure,
)

# Of one code and one beginning each: the thread is lost, and only a new one helps.
_LOST = (
    (-32600, re.compile(r"no rollout found for thread id\b", re.IGNORECASE)),
    (-32600, re.compile(r"invalid (session|thread) id\b", re.IGNORECASE)),
    (-32603, re.compile(r"failed to read thread\b", re.IGNORECASE)),
    (-32600, re.compile(r"thread not found\b", re.IGNORECASE)),
)
_HELD = re.compile(r"\balready has an active writer\b", re.IGNORECASE)
# What `thread/revert` says of a turn that the thread does not have.
_NO_SUCH_TURN = re.compile(r"turn not found\b", re.IGNORECASE)

# Its own complaint at start (0.163.0), and the one that a process killed at its start leaves to the
# next: half of a database.
_COMPLAINT = re.compile(r"error:", re.IGNORECASE)
_HALF_MADE = re.compile(r"failed to initialize .*state", re.IGNORECASE)

_WORDS: Mapping[str, TurnFailure] = {
    "usageLimitExceeded": TurnFailure.USAGE_LIMIT,
    "sessionBudgetExceeded": TurnFailure.USAGE_LIMIT,
    "rateLimitExceeded": TurnFailure.RATE_LIMIT,
    "contextWindowExceeded": TurnFailure.CONTEXT_FULL,
    "unauthorized": TurnFailure.UNAUTHORIZED,
    "internalServerError": TurnFailure.UNREACHABLE,
    "serverOverloaded": TurnFailure.OVERLOADED,
    "flexUnavailable": TurnFailure.OVERLOADED,
    "cyberPolicy": TurnFailure.REFUSED,
    "misalignmentPolicyViolation": TurnFailure.REFUSED,
    "httpConnectionFailed": TurnFailure.UNREACHABLE,
    "responseStreamConnectionFailed": TurnFailure.UNREACHABLE,
    "responseStreamDisconnected": TurnFailure.UNREACHABLE,
    "responseTooManyFailedAttempts": TurnFailure.UNREACHABLE,
}
_STATUSES: Mapping[int, TurnFailure] = {
    401: TurnFailure.UNAUTHORIZED,
    403: TurnFailure.UNAUTHORIZED,
    429: TurnFailure.RATE_LIMIT,
    503: TurnFailure.OVERLOADED,
    529: TurnFailure.OVERLOADED,
}


class ThreadHeldError(RpcError):
    """Another live process writes this thread. Never a reason to start a second history."""


def is_lost(error: RpcError) -> bool:
    """Whether the thread is lost: exactly the four errors that a replay heals."""
    return any(error.code == code and text.match(error.text) for code, text in _LOST)


def is_held(error: RpcError) -> bool:
    """Whether another process writes the thread: it is there, and not ours at the moment."""
    return _HELD.search(error.text) is not None


def is_unknown_turn(error: RpcError) -> bool:
    """Whether a revert named a turn that the thread does not have."""
    return _NO_SUCH_TURN.match(error.text) is not None


def is_interruption(error: Exception) -> bool:
    """Whether somebody left the turn early: wished for, and no fault."""
    return isinstance(error, TurnFailedError) and error.reason is TurnFailure.INTERRUPTED


def is_by_chance(error: BaseException) -> bool:
    """Whether a start failed for no reason of Codex's own, so that another one may go well.

    It was killed, it hung, or it found half a database.
    """
    if isinstance(error, RequestTimeoutError):
        return True
    if not isinstance(error, CodexRefusedError):
        return False
    return not _COMPLAINT.match(error.line) or _HALF_MADE.search(error.line) is not None


def turn_failure(error: TurnError | None) -> TurnFailedError:
    """The error of a turn that ended with `status: failed`."""
    if error is None:
        return TurnFailedError(TurnFailure.OTHER, "Codex gave no reason")
    word, status = _info(error.codex_error_info)
    reason = _STATUSES.get(status) if status is not None else None
    reason = reason or _WORDS.get(word, TurnFailure.OTHER)
    details = f" ({error.additional_details})" if error.additional_details else ""
    return TurnFailedError(reason, f"{word or 'no code'}: {error.message}{details}"[:2_000])


def _info(info: str | Mapping[str, object] | None) -> tuple[str, int | None]:
    """The word of `codexErrorInfo`, and the HTTP status beside it."""
    if isinstance(info, str):
        return info, None
    if not info:
        return "", None
    word, inner = next(iter(info.items()))
    status = inner.get("httpStatusCode") if isinstance(inner, Mapping) else None
    return word, status if isinstance(status, int) else None
