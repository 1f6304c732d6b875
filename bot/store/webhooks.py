"""The bot's webhook in each channel, in Redis.

The token is a secret that allows anyone to post to the channel, so it is in no repr and no log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Protocol

from bot.store import keys
from bot.store.connection import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """The id and token of a webhook, which are enough to post through it."""

    id: int
    token: str = field(repr=False)


class AnyWebhook(Protocol):
    """Any webhook object with an id and a token."""

    @property
    def id(self) -> int:
        """The webhook's snowflake."""
        ...

    @property
    def token(self) -> str:
        """The webhook's token, a secret."""
        ...


class RedisWebhooks:
    """Channel id → webhook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, channel_id: int) -> WebhookKey | None:
        """Return the channel's webhook; None when it is missing or unreadable."""
        async with self._store.reached() as redis:
            fields: dict[str, str] = await redis.hgetall(keys.webhook(channel_id))
        if not fields:
            return None
        try:
            return WebhookKey(int(fields["id"]), fields["token"])
        except (ValueError, KeyError):
            # Without a trace, which could show the token.
            log.error("the webhook of channel %s is unreadable; creating another", channel_id)  # noqa: TRY400 see above
            return None

    async def set(self, channel_id: int, webhook: AnyWebhook) -> None:
        """Store the channel's webhook."""
        fields = {"id": str(webhook.id), "token": webhook.token}
        async with self._store.reached() as redis:
            await redis.hset(keys.webhook(channel_id), mapping=fields)

    async def drop(self, channel_id: int) -> None:
        """Delete the record of a webhook that Discord has deleted or whose token it refuses."""
        async with self._store.reached() as redis:
            await redis.delete(keys.webhook(channel_id))
