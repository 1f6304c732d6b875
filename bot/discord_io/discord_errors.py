"""Mapping of Discord's error codes to `bot.errors`. Callers own their retries.

Codes: Discord's documentation, “Opcodes and Status Codes”.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import discord

from bot.errors import (
    DeliveryError,
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    RoomGoneError,
    ThreadClosedError,
    WordsRefusal,
    WordsRefusedError,
    WrongKindError,
)

NOT_PERMITTED: Final = frozenset({50001, 50013})


# Refused field of a request body → kind of refusal.
_BY_FIELD: Final = {"username": WordsRefusal.NAME, "content": WordsRefusal.TEXT}


class WebhookGoneError(PlaceGoneError):
    """The webhook was deleted or its token changed; a new webhook must be created."""


class WebhooksFullError(DeliveryError):
    """The channel has the maximum number of webhooks."""


class MessageGoneError(PlaceGoneError):
    """The message was deleted; its channel still exists."""


class BodyRefusedError(WordsRefusedError):
    """Discord refused the body of a request. `fields` are the refused fields it named."""

    def __init__(self, text: str, fields: frozenset[str]) -> None:
        named = (refusal for field, refusal in _BY_FIELD.items() if field in fields)
        super().__init__(text, next(named, WordsRefusal.REST))
        self.fields = fields


_BY_CODE: Final[dict[int, type[DeliveryError]]] = {
    10015: WebhookGoneError,
    50027: WebhookGoneError,
    30007: WebhooksFullError,
    10008: MessageGoneError,
    10003: RoomGoneError,  # unknown channel
    10004: PlaceGoneError,  # unknown guild
    50024: WrongKindError,  # messages cannot be sent in a channel of this type
    50083: PlaceGoneError,  # the thread is archived
    160005: ThreadClosedError,  # the thread is locked
}

_BY_RULE: Final = {
    240000: WordsRefusal.LINK,  # “Message blocked by harmful links filter”
    200000: WordsRefusal.AUTOMOD,  # “Message was blocked by automatic moderation”
    200001: WordsRefusal.AUTOMOD,  # … its title
}
# discord.py lists the refused fields in the text of its error, a line for each.
_FIELD: Final = re.compile(r"^In (\w+)", re.MULTILINE)


def fault(
    status: int, code: int, message: str, *, permission: str, fields: Collection[str] = ()
) -> DeliveryError:
    """Return the error for a failed response; `permission` is what the request needs."""
    text = f"Discord answered {status}: {message} ({code})"
    if code in _BY_CODE:
        return _BY_CODE[code](text)
    if code in _BY_RULE:
        return WordsRefusedError(text, _BY_RULE[code])
    if status == 403 or code in NOT_PERMITTED:
        return NotPermittedError(permission)
    if status == 404:
        return PlaceGoneError(text)
    if status >= 500 or status == 429:
        return DiscordDownError(status, text)
    return BodyRefusedError(text, frozenset(fields))


def fault_of(error: discord.HTTPException, *, permission: str) -> DeliveryError:
    """Return the error for an exception of discord.py."""
    fields = _FIELD.findall(error.text)
    return fault(error.status, error.code, error.text, permission=permission, fields=fields)
