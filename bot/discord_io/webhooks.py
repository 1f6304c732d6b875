"""One webhook per channel: found, made, kept, and made anew when it is gone. Owns no writing.

Ours is known by our application's id and a token that is shown to us, never by its name. Discord
allows fifteen in a channel, so there is one for all characters.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

from bot.discord_io.bot_api import BotApi
from bot.discord_io.faults import WebhooksFullError
from bot.discord_io.recent import Recent
from bot.discord_io.webhook_api import Hook, WebhookApi
from bot.errors import DeliveryError, NotPermittedError, RoomGoneError, StoreError

log = logging.getLogger(__name__)

# What people see in the channel's settings; messages carry the characters' own names.
NAME: Final = "Troupe"
# After a refusal nothing is tried for so long: Discord counts requests that it refuses.
REFUSAL_KEPT: Final = 60.0
# Channels that are kept in the process; the memory knows the others.
CHANNELS_KEPT: Final = 1_000


class WebhookKey(Protocol):
    """What the memory keeps of a webhook."""

    @property
    def id(self) -> int:
        """Its snowflake."""
        ...

    @property
    def token(self) -> str:
        """Its secret."""
        ...


class WebhookMemory(Protocol):
    """Channel id → webhook, kept over restarts."""

    async def get(self, channel_id: int) -> WebhookKey | None:
        """The channel's webhook; None when none is known."""
        ...

    async def set(self, channel_id: int, webhook: WebhookKey) -> None:
        """Remember it."""
        ...

    async def drop(self, channel_id: int) -> None:
        """Forget it."""
        ...


class Webhooks:
    """The channels' webhooks. What was found is kept in the process too: no look-up a reply."""

    def __init__(self, *, bot: BotApi, api: WebhookApi, memory: WebhookMemory) -> None:
        self._bot = bot
        self._api = api
        self._memory = memory
        self._known: Recent[int, Hook] = Recent(CHANNELS_KEPT)
        self._refused: Recent[int, tuple[float, DeliveryError]] = Recent(CHANNELS_KEPT)
        # A lock is here for as long as somebody holds it or waits for it.
        self._flights: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def known(self, channel_id: int) -> Hook | None:
        """The channel's webhook, if this process has met it."""
        return self._known.get(channel_id)

    async def of(self, channel_id: int) -> Hook:
        """The channel's webhook, made if need be.

        Raises `NotPermittedError`, `WebhooksFullError`, `PlaceGoneError`, `DiscordDownError`.
        """
        known = self._known.get(channel_id)
        if known is not None:
            return known
        async with self._flights.setdefault(channel_id, asyncio.Lock()):
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
        """The channel's webhooks changed: look whether ours is still there."""
        self._refused.pop(channel_id, None)
        known = self._known.get(channel_id)
        if known is None:
            return
        try:
            listed = await self._bot.own_webhooks(channel_id)
        except DeliveryError:
            # Not allowed to look any more, or Discord is down: speaking itself will tell.
            return
        if known not in listed:
            await self._drop(channel_id, known)

    def allow_again(self, channel_id: int) -> None:
        """What the bot may do there has changed: ask Discord anew instead of its last refusal."""
        self._refused.pop(channel_id, None)

    async def drop(self, channel_id: int) -> None:
        """Forget the channel's webhook, and what was refused there: it, or its channel, is gone."""
        self._refused.pop(channel_id, None)
        known = self._known.pop(channel_id, None)
        if known is not None:
            self._api.forget(known)
        await self._remembering(self._memory.drop(channel_id))

    async def _drop(self, channel_id: int, gone: Hook) -> None:
        """Forget `gone`, unless the channel has another webhook by now."""
        if self._known.get(channel_id) == gone:
            await self.drop(channel_id)

    async def _find(self, channel_id: int) -> Hook:
        self._raise_refusal(channel_id)
        kept = await self._remembered(channel_id)
        if kept is not None:
            return kept
        try:
            own = await self._bot.own_webhooks(channel_id)
            hook = own[0] if own else await self._bot.make_webhook(channel_id, NAME)
        except (NotPermittedError, WebhooksFullError, RoomGoneError) as error:
            log.warning(
                "channel %d has no webhook, and is asked for one again in %.0f s: %s",
                *(channel_id, REFUSAL_KEPT, error),
            )
            now = asyncio.get_running_loop().time()
            self._refused[channel_id] = (now + REFUSAL_KEPT, _afresh(error))
            raise
        await self._remembering(self._memory.set(channel_id, hook))
        return hook

    def _raise_refusal(self, channel_id: int) -> None:
        until, error = self._refused.get(channel_id, (0.0, None))
        if error is not None and asyncio.get_running_loop().time() < until:
            raise _afresh(error)
        self._refused.pop(channel_id, None)

    async def _remembered(self, channel_id: int) -> Hook | None:
        try:
            key = await self._memory.get(channel_id)
        except StoreError as error:
            log.warning("the webhook of channel %s cannot be looked up: %s", channel_id, error)
            return None
        return Hook(key.id, key.token) if key is not None else None

    async def _remembering(self, write: Coroutine[Any, Any, None]) -> None:
        """Memory saves a request after a restart; without it the reply still goes out."""
        try:
            await write
        except StoreError as error:
            log.warning("a webhook cannot be remembered: %s", error)


def _afresh(error: DeliveryError) -> DeliveryError:
    """The same error without its past: each raise of one object adds to its traceback."""
    if isinstance(error, NotPermittedError):
        return NotPermittedError(error.permission, str(error))
    return type(error)(str(error))
