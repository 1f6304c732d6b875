"""Discord's error codes as errors of ours. Owns the mapping only; retrying is up to each caller.

Codes: Discord's documentation, “Opcodes and Status Codes”.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import discord

from bot.errors import DeliveryError, DiscordDownError, NotPermittedError, PlaceGoneError

UNKNOWN_MESSAGE: Final = 10008
WEBHOOK_GONE: Final = frozenset({10015, 50027})
WEBHOOKS_FULL: Final = 30007
# Unknown channel, guild, message; a thread that is archived or locked; no place to speak in.
PLACE_GONE: Final = frozenset({10003, 10004, UNKNOWN_MESSAGE, 50083, 160005, 50024})
NOT_PERMITTED: Final = frozenset({50001, 50013})


class WebhookGoneError(PlaceGoneError):
    """The webhook was deleted or its token changed: another one has to be made."""


class MessageGoneError(PlaceGoneError):
    """The message was deleted; its place is still there."""


class BodyRefusedError(DeliveryError):
    """Discord refused what we sent. `fields` are the members of the body that it named."""

    def __init__(self, text: str, fields: frozenset[str]) -> None:
        super().__init__(text)
        self.fields = fields


def fault(
    status: int, code: int, message: str, *, permission: str, fields: Collection[str] = ()
) -> DeliveryError:
    """The error for an answer of `status`; `permission` is the one that the request stands on."""
    text = f"Discord answered {status}: {message} ({code})"
    if code in WEBHOOK_GONE:
        return WebhookGoneError(text)
    if code == UNKNOWN_MESSAGE:
        return MessageGoneError(text)
    if code in PLACE_GONE or status == 404:
        return PlaceGoneError(text)
    if status == 403 or code in NOT_PERMITTED:
        return NotPermittedError(permission)
    if status >= 500 or status == 429:
        return DiscordDownError(status, text)
    return BodyRefusedError(text, frozenset(fields))


def fault_of(error: discord.HTTPException, *, permission: str) -> DeliveryError:
    """The same for what discord.py raises."""
    return fault(error.status, error.code, error.text, permission=permission)
