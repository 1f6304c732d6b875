"""One webhook per channel: found, created, cached, and replaced when it is deleted.

Our webhook is recognised by our application's id and a token that only we can see, never by its
name. Discord allows fifteen in a channel, so all characters share a single webhook. Sends nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

from bot.copied_errors import copied
from bot.discord_io.bot_api import BotApi
from bot.discord_io.discord_errors import WebhooksFullError
from bot.discord_io.recent import Recent
from bot.discord_io.webhook_api import Hook, WebhookApi
from bot.errors import DeliveryError, NotPermittedError, RoomGoneError, StoreError, WrongKindError

log = logging.getLogger(__name__)

# The name in the channel's settings; messages have the characters' own names.
NAME: Final = "Troupe"
# Seconds without a request after a refusal: Discord counts refused requests.
REFUSAL_KEPT: Final = 60.0
# Channels in this process's cache; `WebhookMemory` has all of them.
CHANNELS_KEPT: Final = 1_000


class WebhookKey(Protocol):
    """The credentials of a webhook, as `WebhookMemory` stores them."""

    @property
    def id(self) -> int:
        """The webhook's snowflake."""
        ...

    @property
    def token(self) -> str:
        """The webhook's token, a secret."""
        ...


class WebhookMemory(Protocol):
    """Channel id → webhook; survives restarts."""

    async def get(self, channel_id: int) -> WebhookKey | None:
        """Return the channel's webhook; None if none is stored."""
        ...

    async def set(self, channel_id: int, webhook: WebhookKey) -> None:
        """Store the channel's webhook."""
        ...

    async def drop(self, channel_id: int) -> None:
        """Delete the channel's webhook from the store."""
        ...


class Webhooks:
    """Finds, creates and caches the channels' webhooks, so that replies need no look-up."""

    def __init__(self, *, bot: BotApi, api: WebhookApi, memory: WebhookMemory) -> None:
        self._bot = bot
        self._api = api
        self._memory = memory
        self._known: Recent[int, Hook] = Recent(CHANNELS_KEPT)
        self._refused: Recent[int, tuple[float, DeliveryError]] = Recent(CHANNELS_KEPT)
        # A lock per channel, so that concurrent callers create a single webhook. An entry
        # disappears when no caller holds the lock or waits for it.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def known(self, channel_id: int) -> Hook | None:
        """Return the channel's webhook from this process's cache; None if it is not cached."""
        return self._known.get(channel_id)

    async def of(self, channel_id: int) -> Hook:
        """Return the channel's webhook, created if needed.

        Raises `NotPermittedError`, `WebhooksFullError`, `PlaceGoneError`, `DiscordDownError`, and
        `WrongKindError` after `give_up`.
        """
        known = self._known.get(channel_id)
        if known is not None:
            return known
        async with self._locks.setdefault(channel_id, asyncio.Lock()):
            known = self._known.get(channel_id)
            if known is None:
                known = self._known[channel_id] = await self._find(channel_id)
        return known

    async def renew(self, channel_id: int, gone: Hook) -> Hook:
        """Return a webhook other than `gone`; make one only once, however many callers noticed.

        Raises as `of`.
        """
        # A store that lost its last writes may remember the deleted webhook again.
        if await self.of(channel_id) == gone:
            log.info("the webhook of channel %s is gone: another one is made", channel_id)
            await self._drop(channel_id, gone)
        return await self.of(channel_id)

    async def review(self, channel_id: int) -> None:
        """Check after a change of the channel's webhooks that ours still exists."""
        self._refused.pop(channel_id, None)
        known = self._known.get(channel_id)
        if known is None:
            return
        try:
            listed = await self._bot.own_webhooks(channel_id)
        except DeliveryError:
            # Missing permission, or Discord is down: the next send will find out.
            return
        if known not in listed:
            await self._drop(channel_id, known)

    def allow_again(self, channel_id: int) -> None:
        """Forget the channel's last refusal, because the bot's permissions have changed."""
        self._refused.pop(channel_id, None)

    async def drop(self, channel_id: int) -> None:
        """Forget a channel's webhook and last refusal: the webhook or the channel was deleted."""
        self._refused.pop(channel_id, None)
        known = self._known.pop(channel_id, None)
        if known is not None:
            self._api.forget(known)
        await self._store(self._memory.drop(channel_id))

    async def give_up(self, channel_id: int, gone: Hook, reason: str) -> None:
        """Have no webhook in the channel for `REFUSAL_KEPT` seconds: each one is deleted at once.

        `of` raises `WrongKindError` meanwhile.
        """
        await self._drop(channel_id, gone)
        self._keep_refusal(channel_id, WrongKindError(reason))

    def _keep_refusal(self, channel_id: int, error: DeliveryError) -> None:
        until = asyncio.get_running_loop().time() + REFUSAL_KEPT
        self._refused[channel_id] = (until, error)

    async def _drop(self, channel_id: int, gone: Hook) -> None:
        """Forget `gone`, unless the channel has another webhook by now."""
        if self._known.get(channel_id) == gone:
            await self.drop(channel_id)

    async def _find(self, channel_id: int) -> Hook:
        self._raise_refusal(channel_id)
        stored = await self._stored(channel_id)
        if stored is not None:
            return stored
        try:
            own = await self._bot.own_webhooks(channel_id)
            hook = own[0] if own else await self._bot.make_webhook(channel_id, NAME)
        except (NotPermittedError, WebhooksFullError, RoomGoneError) as error:
            log.warning(
                "cannot get a webhook in channel %d, retrying after %.0f s at the earliest: %s",
                *(channel_id, REFUSAL_KEPT, error),
            )
            self._keep_refusal(channel_id, copied(error))
            raise
        await self._store(self._memory.set(channel_id, hook))
        return hook

    def _raise_refusal(self, channel_id: int) -> None:
        until, error = self._refused.get(channel_id, (0.0, None))
        if error is not None and asyncio.get_running_loop().time() < until:
            raise copied(error)
        self._refused.pop(channel_id, None)

    async def _stored(self, channel_id: int) -> Hook | None:
        try:
            key = await self._memory.get(channel_id)
        except StoreError as error:
            log.warning("cannot read the webhook of channel %s: %s", channel_id, error)
            return None
        return Hook(key.id, key.token) if key is not None else None

    async def _store(self, write: Coroutine[Any, Any, None]) -> None:
        """Await a write to the store; log a `StoreError`, because no reply depends on the write."""
        try:
            await write
        except StoreError as error:
            log.warning("cannot store or delete a webhook: %s", error)
