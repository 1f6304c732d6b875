"""The webhook that speaks in each channel, in Redis. Its token is a secret: whoever has it
can post there, so it is in no repr and no log.
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
    """What it takes to speak through a webhook."""

    id: int
    token: str = field(repr=False)


class AnyWebhook(Protocol):
    """What is kept of a webhook, whoever found it."""

    @property
    def id(self) -> int:
        """Its snowflake."""
        ...

    @property
    def token(self) -> str:
        """Its secret."""
        ...


class RedisWebhooks:
    """Channel id → webhook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, channel_id: int) -> WebhookKey | None:
        """The channel's webhook; None when none is known."""
        async with self._store.reached() as redis:
            fields: dict[str, str] = await redis.hgetall(keys.webhook(channel_id))
        if not fields:
            return None
        try:
            return WebhookKey(int(fields["id"]), fields["token"])
        except (ValueError, KeyError):
            # No trace: it could show the token.
            log.error("the webhook of channel %s cannot be read; a new one is made", channel_id)  # noqa: TRY400 see above
            return None

    async def set(self, channel_id: int, webhook: AnyWebhook) -> None:
        """Remember it."""
        fields = {"id": str(webhook.id), "token": webhook.token}
        async with self._store.reached() as redis:
            await redis.hset(keys.webhook(channel_id), mapping=fields)

    async def drop(self, channel_id: int) -> None:
        """Forget it: it is gone, or its token is refused."""
        async with self._store.reached() as redis:
            await redis.delete(keys.webhook(channel_id))
