"""The handshake with an app-server: `initialize`, and a check of the login."""

from __future__ import annotations

from bot.codex import protocol
from bot.codex.launch import refusal
from bot.codex.transport import Transport
from bot.command_line import command
from bot.errors import CodexLoginError, CodexRefusedError, TransportClosedError

# From start to the end of the handshake: 75–320 ms alone, 1.3 s when ten start on two cores
# (measured).
HANDSHAKE_SECONDS = 20.0


async def shake_hands(transport: Transport) -> None:
    """Initialize a new app-server and check the login.

    Raises `CodexRefusedError` when it ends instead, `CodexLoginError` when nobody is logged in,
    `RequestTimeoutError`.
    """
    try:
        await transport.request("initialize", protocol.initialize(), timeout=HANDSHAKE_SECONDS)
        await transport.notify("initialized")
        answer = await transport.request(
            "account/read", protocol.account_read(), timeout=HANDSHAKE_SECONDS
        )
        account = protocol.read(protocol.AccountRead, "account/read", answer)
    except TransportClosedError as error:
        reason = refusal(await transport.process.last_words())
        raise CodexRefusedError(reason or "it ended at start without a word") from error
    if account.requires_openai_auth and account.account is None:
        raise CodexLoginError(f"Nobody is logged in to Codex: run `{command('login')}`.")
