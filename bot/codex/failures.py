"""Classifies Codex's errors. No other module reads Codex's error codes and sentences.

The app-server uses one code for very different errors, so the text is matched too. The sentences
here are those of Codex 0.163 to 0.171; `endpoint_errors` has those of endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.codex import endpoint_errors
from bot.codex.protocol import TurnError
from bot.errors import (
    CodexRefusedError,
    RequestTimeoutError,
    RpcError,
    TurnFailedError,
    TurnFailure,
)

# The code and the beginning of each error that means a lost Codex thread, to be replaced.
_LOST = (
    (-32600, re.compile(r"no rollout found for thread id\b", re.IGNORECASE)),
    (-32600, re.compile(r"invalid (session|thread) id\b", re.IGNORECASE)),
    (-32603, re.compile(r"failed to read thread\b", re.IGNORECASE)),
    (-32600, re.compile(r"thread not found\b", re.IGNORECASE)),
)
_HELD = re.compile(r"\balready has an active writer\b", re.IGNORECASE)
# The error of `thread/revert` for a turn that the Codex thread does not have.
_NO_SUCH_TURN = re.compile(r"turn not found\b", re.IGNORECASE)

# Codex's own error at start (0.163.0), and the error caused by a half-written database, which a
# process killed during its start leaves behind.
_COMPLAINT = re.compile(r"error:", re.IGNORECASE)
_HALF_MADE = re.compile(r"failed to initialize .*state", re.IGNORECASE)

_WORDS: Mapping[str, TurnFailure] = {
    "usageLimitExceeded": TurnFailure.USAGE_LIMIT,
    "sessionBudgetExceeded": TurnFailure.USAGE_LIMIT,
    "rateLimitExceeded": TurnFailure.RATE_LIMIT,
    "contextWindowExceeded": TurnFailure.CONTEXT_FULL,
    "unauthorized": TurnFailure.UNAUTHORIZED,
    "modelNotFound": TurnFailure.MODEL_UNKNOWN,
    "badRequest": TurnFailure.BAD_REQUEST,
    "internalServerError": TurnFailure.UNREACHABLE,
    "serverOverloaded": TurnFailure.OVERLOADED,
    "flexUnavailable": TurnFailure.OVERLOADED,
    "policyCapacityUnavailable": TurnFailure.OVERLOADED,
    "cyberPolicy": TurnFailure.REFUSED,
    "bioPolicy": TurnFailure.REFUSED,
    "inferenceHookDenied": TurnFailure.REFUSED,
    "misalignmentPolicyViolation": TurnFailure.REFUSED,
    "httpConnectionFailed": TurnFailure.UNREACHABLE,
    "responseStreamConnectionFailed": TurnFailure.UNREACHABLE,
    "responseStreamDisconnected": TurnFailure.UNREACHABLE,
    "responseTooManyFailedAttempts": TurnFailure.UNREACHABLE,
}
# Reasons for which the endpoint's text is more exact; every other code of Codex is reliable.
_VAGUE = frozenset({None, TurnFailure.UNREACHABLE, TurnFailure.BAD_REQUEST})
_STATUSES: Mapping[int, TurnFailure] = {
    400: TurnFailure.BAD_REQUEST,
    401: TurnFailure.UNAUTHORIZED,
    402: TurnFailure.NO_CREDIT,
    403: TurnFailure.UNAUTHORIZED,
    404: TurnFailure.WRONG_ADDRESS,
    405: TurnFailure.WRONG_ADDRESS,
    407: TurnFailure.UNAUTHORIZED,
    408: TurnFailure.UNREACHABLE,
    410: TurnFailure.WRONG_ADDRESS,
    413: TurnFailure.CONTEXT_FULL,
    429: TurnFailure.RATE_LIMIT,
    503: TurnFailure.OVERLOADED,
    529: TurnFailure.OVERLOADED,
}
# Reasons for which the endpoint's text wins over a 401 or 403: the content or the account is
# refused, not the key.
_REFUSALS = frozenset({TurnFailure.REFUSED, TurnFailure.NO_CREDIT})
_BROKEN_OFF = "stream disconnected before completion"


class ThreadHeldError(RpcError):
    """Another live process writes this Codex thread. Never a reason to start a second one."""


def is_lost(error: RpcError) -> bool:
    """Return whether the Codex thread is lost: exactly the four errors that a replay repairs."""
    return any(error.code == code and text.match(error.text) for code, text in _LOST)


def is_held(error: RpcError) -> bool:
    """Return whether another process is writing the Codex thread, which is not lost."""
    return _HELD.search(error.text) is not None


def is_unknown_turn(error: RpcError) -> bool:
    """Return whether a revert named a turn that the Codex thread does not have."""
    return _NO_SUCH_TURN.match(error.text) is not None


def is_interruption(error: Exception) -> bool:
    """Return whether the turn was interrupted on purpose, so that it is no fault."""
    return isinstance(error, TurnFailedError) and error.reason is TurnFailure.INTERRUPTED


def is_by_chance(error: BaseException) -> bool:
    """Return whether a failed start is transient and may succeed when tried again.

    The process was killed, it hung, or it found a half-written database.
    """
    if isinstance(error, RequestTimeoutError):
        return True
    if not isinstance(error, CodexRefusedError):
        return False
    return not _COMPLAINT.match(error.line) or _HALF_MADE.search(error.line) is not None


def turn_failure(error: TurnError | None) -> TurnFailedError:
    """Make the error of a turn that ended with `status: failed`."""
    if error is None:
        return TurnFailedError(TurnFailure.OTHER, "Codex gave no reason")
    word, status = _info(error.codex_error_info)
    if status is None:
        status = _implied_status(word, error.message)
    details = f" ({error.additional_details})" if error.additional_details else ""
    text = endpoint_errors.said(error.message)
    return TurnFailedError(
        _reason(word, status, text),
        f"{word or 'no code'}: {error.message[:2_000]}{details}"[:2_000],
        status=status,
        window=endpoint_errors.window(text),
    )


def _reason(word: str, status: int | None, text: str) -> TurnFailure:
    """Classify by the endpoint's text where Codex's code and the status are inconclusive."""
    by_word, by_text = _WORDS.get(word), endpoint_errors.reason(text)
    by_status = _by_status(status) if status is not None else None
    if by_text is not None and (
        (by_word in _VAGUE and by_status is not TurnFailure.UNAUTHORIZED) or by_text in _REFUSALS
    ):
        return by_text
    if by_status is not None:
        return by_status
    if by_word is None and text.startswith(_BROKEN_OFF):
        return TurnFailure.UNREACHABLE
    return by_word or TurnFailure.OTHER


def _by_status(status: int) -> TurnFailure:
    if status in _STATUSES:
        return _STATUSES[status]
    if status < 400:
        # Codex follows redirects, so a 3xx that is left over leads nowhere.
        return TurnFailure.WRONG_ADDRESS
    return TurnFailure.BAD_REQUEST if status < 500 else TurnFailure.UNREACHABLE


def _implied_status(word: str, message: str) -> int | None:
    """Return the HTTP status that Codex leaves out beside its code (measured with 0.163.0)."""
    if word == "internalServerError":
        return 500
    broken_off = message[:100].casefold().startswith(_BROKEN_OFF)
    if word in ("other", "badRequest") and not broken_off and endpoint_errors.is_body(message):
        return 400
    return None


def _info(info: object) -> tuple[str, int | None]:
    """Return the code of `codexErrorInfo`, and the HTTP status beside it."""
    if isinstance(info, str):
        return info, None
    if not isinstance(info, Mapping) or not info:
        return "", None
    word, inner = next(iter(info.items()))
    status = inner.get("httpStatusCode") if isinstance(inner, Mapping) else None
    return str(word), status if isinstance(status, int) else None
