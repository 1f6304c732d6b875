"""Keeping the client connected: what ends it, what is tried again, and in which words.

discord.py resumes by itself after most cuts. What gets here is the rest: a first connection that
failed, a refused token or intent, a session that ended with an error.
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
from bot.errors import SettingsError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

LONGEST_WAIT: Final = 60.0
# A session that ends sooner says nothing good: Discord counts identifies (1,000 a day).
STEADY: Final = 120.0
# How long Discord may take to answer our goodbye: discord.py would wait ten seconds.
GOODBYE: Final = 1.0
# Close codes after which trying again is pointless (“Gateway Close Event Codes”).
_BAD_TOKEN: Final = 4004
_REFUSED_FOR_GOOD: Final = frozenset({4010, 4011, 4012, 4013})
_REFUSED_TEXT: Final = (
    "Discord refused DISCORD_TOKEN. Make a new one: https://discord.com/developers/applications "
    "→ your application → Bot → Reset Token."
)


async def run(
    client: TroupeClient, token: str, *, backoff: float = 1.0, steady: float = STEADY
) -> None:
    """Run until the client is closed by us. `backoff` is the first wait between two tries.

    Waits grow from try to try, and begin anew after a session that was ready and lived for
    `steady` seconds.

    Raises `SettingsError` when Discord refuses the token or the way we connect.
    """
    async with Tasks("connection") as tasks:
        life = tasks.start("life", _live(client, token, backoff, steady))
        try:
            await asyncio.wait({life})
        finally:
            # Before it is cancelled: a shard that is connecting again swallows that (discord.py's
            # `Shard.reconnect`), and would be waited for without end while the client is open.
            await _leave(client)
    if (refused := life.result()) is not None:
        raise refused


async def _live(
    client: TroupeClient, token: str, backoff: float, steady: float
) -> SettingsError | None:
    """Try again and again; gives what makes that pointless, None when the client was closed."""
    retrying = AsyncRetrying(
        retry=retry_if_exception(_passes),
        wait=wait_random_exponential(multiplier=backoff, max=LONGEST_WAIT),
        before_sleep=_tell,
        reraise=True,
    )
    try:
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    await _reopen(client)
                with _fresh_start(client, attempt.retry_state, steady):
                    await _session(client, token)
    except SettingsError as refused:
        return refused
    return None


async def _leave(client: TroupeClient) -> None:
    """Close the connection, also where nobody is at its other end any more."""
    try:
        async with asyncio.timeout(GOODBYE):
            await client.close()
    except TimeoutError:
        await client.http.close()  # with its sockets; discord.py had not come to it


@contextmanager
def _fresh_start(client: TroupeClient, state: RetryCallState, steady: float) -> Iterator[None]:
    """Count this try as the first one if its session was good: the next wait is short then."""
    before, began = client.times_ready, asyncio.get_running_loop().time()
    try:
        yield
    finally:
        lived = asyncio.get_running_loop().time() - began
        if client.times_ready > before and lived >= steady:
            state.attempt_number = 1


def _passes(error: BaseException) -> bool:
    """Anything may: discord.py even ends with an AttributeError when the network is not up yet."""
    return isinstance(error, Exception) and not isinstance(error, SettingsError)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    log.warning(
        "the connection to Discord ended (%s: %s); again in %.0f s (try %d)",
        type(error).__name__,
        error,
        wait,
        state.attempt_number + 1,
    )


async def _reopen(client: TroupeClient) -> None:
    """Make a client that ended usable again; discord.py's `clear` forgets two things."""
    await client.close()
    client.clear()
    client.http.connector = discord.utils.MISSING  # the old one was closed with its session
    await client._async_setup_hook()  # noqa: SLF001 the queue still holds the end of the old one


async def _session(client: TroupeClient, token: str) -> None:
    """One life of the client, from login to its end."""
    try:
        await client.start(token)
    except discord.LoginFailure:
        raise SettingsError("DISCORD_TOKEN", _REFUSED_TEXT) from None
    except discord.PrivilegedIntentsRequired:
        if not client.reads_messages:
            raise SettingsError(
                "DISCORD_TOKEN", "Discord refused the intents that were asked for."
            ) from None
        client.give_up_message_content()
        raise
    except discord.ConnectionClosed as closed:
        if closed.code == _BAD_TOKEN:
            raise SettingsError("DISCORD_TOKEN", _REFUSED_TEXT) from None
        if closed.code in _REFUSED_FOR_GOOD:
            raise SettingsError(
                "DISCORD_GATEWAY_URL", f"Discord's gateway refused the connection ({closed.code})."
            ) from None
        raise
