"""Runs the client and reconnects it after transient errors.

discord.py resumes by itself after most lost connections. This module handles all other cases: a
failed first connection, a refused token or intent, a session that ended with an error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import discord
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from bot.discord_io.client import TroupeClient
from bot.discord_io.inspection import REFUSED_TEXT
from bot.errors import SettingsError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Longest wait between two tries, in seconds.
LONGEST_WAIT: Final = 60.0
# Seconds after which a session counts as good. Discord allows 1,000 identifies a day.
STEADY: Final = 120.0
# Seconds to wait for Discord's close frame; discord.py would wait ten.
GOODBYE: Final = 1.0
# Close codes after which a retry is pointless (“Gateway Close Event Codes”).
_BAD_TOKEN: Final = 4004
_REFUSED_FOR_GOOD: Final = frozenset({4010, 4011, 4012, 4013})


async def run(
    client: TroupeClient, token: str, *, backoff: float = 1.0, steady: float = STEADY
) -> None:
    """Run until we close the client. `backoff` is the first wait between two tries, in seconds.

    Waits grow exponentially, and start again at `backoff` after a session that was ready and lived
    for `steady` seconds.

    Raises `SettingsError` if Discord refuses the token, the intents or the connection.
    """
    async with Tasks("connection") as tasks:
        connection = tasks.start("life", _keep_connected(client, token, backoff, steady))
        try:
            await asyncio.wait({connection})
        finally:
            # Close the client before the task is cancelled: a reconnecting shard swallows the
            # cancellation (discord.py's `Shard.reconnect`), and with an open client, waiting for
            # the task would never end.
            await _close(client)
    if (refused := connection.result()) is not None:
        raise refused


async def _keep_connected(
    client: TroupeClient, token: str, backoff: float, steady: float
) -> SettingsError | None:
    """Retry until the client is closed (None), or return the error that makes it pointless."""
    retrying = AsyncRetrying(
        retry=retry_if_exception(_is_transient),
        wait=wait_random_exponential(multiplier=backoff, max=LONGEST_WAIT),
        before_sleep=_log_retry,
        reraise=True,
    )
    try:
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    await _reopen(client)
                with _resetting_backoff(client, attempt.retry_state, steady):
                    await _session(client, token)
    except SettingsError as refused:
        return refused
    return None


async def _close(client: TroupeClient) -> None:
    """Close the client, even if the other end of the connection is dead."""
    try:
        async with asyncio.timeout(GOODBYE):
            await client.close()
    except TimeoutError:
        await client.http.close()  # closes the sockets, which `client.close` did not get to


@contextmanager
def _resetting_backoff(
    client: TroupeClient, state: RetryCallState, steady: float
) -> Iterator[None]:
    """Reset the number of attempts after a good session, so that the next wait is short."""
    before, began = client.times_ready, asyncio.get_running_loop().time()
    try:
        yield
    finally:
        lived = asyncio.get_running_loop().time() - began
        if client.times_ready > before and lived >= steady:
            state.attempt_number = 1


def _is_transient(error: BaseException) -> bool:
    """Return True except for settings: without a network discord.py even raises AttributeError."""
    return isinstance(error, Exception) and not isinstance(error, SettingsError)


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    log.warning(
        "the connection to Discord ended (%s: %s); retrying in %.0f s (try %d)",
        type(error).__name__,
        error,
        wait,
        state.attempt_number + 1,
    )


async def _reopen(client: TroupeClient) -> None:
    """Make a closed client usable again; discord.py's `clear` leaves two things to reset."""
    await client.close()
    client.clear()
    client.http.connector = discord.utils.MISSING  # the old connector closed with its session
    await client._async_setup_hook()  # noqa: SLF001 the event queue still has the old session's end


async def _session(client: TroupeClient, token: str) -> None:
    """Run the client once, from login until it ends. Raises `SettingsError` if refused."""
    try:
        await client.start(token)
    except discord.LoginFailure:
        raise SettingsError("DISCORD_TOKEN", REFUSED_TEXT) from None
    except discord.PrivilegedIntentsRequired:
        if not client.reads_messages:
            raise SettingsError(
                "DISCORD_TOKEN", "Discord refused the intents that were asked for."
            ) from None
        client.give_up_message_content()
        raise
    except discord.ConnectionClosed as closed:
        if closed.code == _BAD_TOKEN:
            raise SettingsError("DISCORD_TOKEN", REFUSED_TEXT) from None
        if closed.code in _REFUSED_FOR_GOOD:
            raise SettingsError(
                "DISCORD_GATEWAY_URL", f"Discord's gateway refused the connection ({closed.code})."
            ) from None
        raise
