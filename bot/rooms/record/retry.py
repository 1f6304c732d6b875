"""The retry policy for steps that wait until the store, or Discord, serves again.

Owns the pauses and the log lines; callers say which errors are transient and when to give up.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential_jitter,
)
from tenacity.stop import StopBaseT

from bot.errors import StoreError, StoreRefusingError
from bot.rooms.record.write_queue import AGAIN_WITHIN, FOR_ALL, REFUSED_SECONDS

log = logging.getLogger(__name__)


async def tell_nobody(_: int, __: BaseException | None) -> None:
    """Tell people nothing, because nobody waits for the step."""


def retry_policy(
    what: str,
    *,
    stop: StopBaseT,
    tell: Callable[[int, BaseException | None], Awaitable[None]] = tell_nobody,
    over: tuple[type[Exception], ...] = (StoreError,),
) -> AsyncRetrying:
    """Return a retry policy for errors of the types `over`; the last error is raised.

    A write that the store refuses for its key alone is retried for `REFUSED_SECONDS` at most, since
    the store would refuse it for ever. `what` is logged; `tell(tries, error)` is awaited after each
    failure, so that people can be told.
    """

    async def wait(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        # Only the first failure is a warning. A full store is logged where it refuses.
        is_news = state.attempt_number == 1 and not isinstance(error, StoreRefusingError)
        log.log(logging.WARNING if is_news else logging.DEBUG, "%s: %s", what, error)
        await tell(state.attempt_number, error)

    return AsyncRetrying(
        retry=retry_if_exception_type(over),
        wait=wait_exponential_jitter(multiplier=0.1, max=AGAIN_WITHIN, jitter=0.1),
        stop=lambda state: stop(state) or _is_refused_for_good(state),
        before_sleep=wait,
        reraise=True,
    )


def _is_refused_for_good(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    of_one_key = isinstance(error, StoreError) and not isinstance(error, FOR_ALL)
    return of_one_key and (state.seconds_since_start or 0.0) >= REFUSED_SECONDS
