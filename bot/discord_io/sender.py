"""Senders of a character's messages: through a webhook, or as the bot with a name line.

A sender handles single messages; `delivery` owns chunks, streaming and the record. Mentions in a
character's messages notify nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.discord_io.bot_api import BotApi, shown
from bot.discord_io.discord_errors import (
    BodyRefusedError,
    MessageGoneError,
    WebhookGoneError,
    WebhooksFullError,
)
from bot.discord_io.lane import Lane
from bot.discord_io.message_prefix import name_line
from bot.discord_io.parts import Part, Shown, through_our_webhook
from bot.discord_io.ratelimit import Priority
from bot.discord_io.webhook_api import Hook, Saying, WebhookApi
from bot.discord_io.webhooks import Webhooks
from bot.domain.room import Room
from bot.errors import DeliveryError, NotPermittedError, RoomGoneError

log = logging.getLogger(__name__)

# Newest messages among which a message of unknown fate is looked for.
LOOK_BACK: Final = 50
# Messages after the trigger among which an earlier process's chunks are looked for (ten requests).
# Usually the newest message comes sooner, unless the turn waited in a very busy room.
LOOK_ON: Final = 1_000
# New webhooks for one message. Whoever deletes webhooks faster wants none: the bot speaks itself.
RENEWALS: Final = 2

Recorded = Callable[[Sequence[int]], Awaitable[Collection[int]]]
"""Returns the message ids that are recorded as a character's."""


class MessageOrphanedError(MessageGoneError):
    """The message exists, but its webhook does not: the message cannot be edited any more."""


class WebhookMovedError(WebhookGoneError):
    """A moderator moved the webhook to another channel; the room needs a new webhook."""


class SenderLostError(DeliveryError):
    """The sender's webhook is lost and cannot be replaced; another sender must take over."""


class Sender(Protocol):
    """A sender: sends, edits and deletes the messages of a character in a room."""

    @property
    def header(self) -> str:
        """Prefix of every message."""
        ...

    @property
    def has_room_for_a_frame(self) -> bool:
        """Whether the rate limit allows a frame (an edit that may be dropped) now."""
        ...

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send exactly once. `after` is a message that is older than the new message."""
        ...

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit a message; `frame` marks an edit that may be dropped.

        Raises `MessageGoneError`, and `MessageOrphanedError` if this sender cannot edit it.
        """
        ...

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete a message if the bot may; `orphaned` if another sender wrote the message."""
        ...

    async def following(self, after: int) -> list[Shown]:
        """Return the messages that follow message `after` in the room, oldest first.

        Name and prefix of the character's messages are converted to those of this sender.
        """
        ...

    def wrote(self, message: Shown) -> bool:
        """Return whether the character wrote the message, with whichever sender.

        Decided by the message alone, without the record.
        """
        ...

    def may_edit(self, message: Shown) -> bool:
        """Return whether this sender can edit the message; its displayed name is irrelevant."""
        ...


@dataclass(frozen=True, slots=True)
class Persona:
    """The name and avatar under which a webhook shows a character."""

    name: str
    """The name above its messages."""
    face: Callable[[], Awaitable[str | None]]
    """Returns the URL of the current avatar, or None; called for each message."""


class WebhookSender:
    """Sends through the parent channel's webhook, under the character's own name and avatar."""

    header = ""

    def __init__(
        self,
        *,
        room: Room,
        persona: Persona,
        hook: Hook,
        api: WebhookApi,
        webhooks: Webhooks,
        bot: BotApi,
        lane: Lane,
        recorded: Recorded,
    ) -> None:
        self._room = room
        self._name, self._face = persona.name, persona.face
        self._faceless = False
        self._hook = hook
        self._api = api
        self._webhooks = webhooks
        self._bot = bot
        self._lane = lane
        self._recorded = recorded
        self._thread_id = room.id if room.parent_id is not None else None

    @property
    def has_room_for_a_frame(self) -> bool:
        """Whether the rate limit allows a frame now."""
        return self._api.has_room_for_a_frame(self._hook)

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send exactly once; with a new webhook if needed, without an avatar that Discord refuses.

        Raises `SenderLostError` if the webhook is lost and cannot be replaced.
        """
        avatar_url = None if self._faceless else await self._face()
        saying = Saying(part, self._name, avatar_url)
        try:
            sent = await self._execute_renewing(saying, after)
        except BodyRefusedError as refused:
            if "avatar_url" not in refused.fields:
                raise
            log.warning("Discord refused the avatar of %s: sending without it", self._name)
            self._faceless = True
            sent = await self._execute_renewing(replace(saying, avatar_url=None), after)
        self._lane.claim(sent.id)
        return sent

    async def _execute_renewing(self, saying: Saying, after: int) -> Shown:
        """Send; if the webhook is gone, with a new one, up to `RENEWALS` times."""
        renewals = 0
        while True:
            try:
                return await self._execute(saying, after)
            except WebhookGoneError as gone:
                if renewals == RENEWALS:
                    reason = f"each new webhook is deleted at once: {gone}"
                    # The answer does not end here: the bot itself can still send it.
                    await self._webhooks.give_up(self._room.webhook_channel, self._hook, reason)
                    raise SenderLostError(reason) from gone
                log.warning("sending with another webhook: %s", gone)
            self._hook = await self._renewed()
            renewals += 1

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit a message. If the webhook is gone, the next send creates another."""
        priority = Priority.FRAME if frame else Priority.EDIT
        saying, thread_id = Saying(part), self._thread_id
        try:
            await self._bot.sure(
                self._room.id,
                lambda: self._api.edit(
                    self._hook, message_id, saying, thread_id=thread_id, priority=priority
                ),
            )
        except WebhookGoneError as gone:
            raise MessageOrphanedError(str(gone)) from None
        except MessageGoneError as gone:
            # A webhook that was moved does not find its messages in the old channel (10008).
            if await self._exists(message_id) and await self._has_moved():
                raise MessageOrphanedError(str(gone)) from None
            raise

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete by the webhook, or if the webhook is gone, by the bot if it may."""
        if not orphaned:
            try:
                await self._bot.sure(
                    self._room.id,
                    lambda: self._api.delete(self._hook, message_id, thread_id=self._thread_id),
                )
            except WebhookGoneError:
                pass
            else:
                return
        await discard(self._bot, self._room.id, message_id)

    async def following(self, after: int) -> list[Shown]:
        """Return the messages after `after`; the name line of the bot's messages is stripped."""
        read = await self._bot.following(self._room.id, after=after, limit=LOOK_ON)
        return [self._without_name_line(shown(message)) for message in read]

    def wrote(self, message: Shown) -> bool:
        """Return whether we sent the message with the character's name, by a webhook or the bot."""
        ours = _by_bot(message, self._bot) or _by_our_webhook(message, self._bot)
        return (self.may_edit(message) or ours) and message.name == self._name

    def may_edit(self, message: Shown) -> bool:
        """Return whether this webhook sent the message."""
        return message.webhook_id == self._hook.id

    def _without_name_line(self, message: Shown) -> Shown:
        """Replace the bot's name by the character's from the name line, or by ""."""
        if not _by_bot(message, self._bot):
            return message
        line = name_line(self._name)
        if not f"{message.content}\n".startswith(line):
            return replace(message, name="")
        return replace(message, name=self._name, content=message.content[len(line) :])

    async def _renewed(self) -> Hook:
        try:
            return await self._webhooks.renew(self._room.webhook_channel, self._hook)
        except (NotPermittedError, WebhooksFullError) as error:
            raise SenderLostError(f"cannot replace the webhook: {error}") from error

    async def _execute(self, saying: Saying, after: int) -> Shown:
        async def reconcile() -> Shown | None:
            newest = await self._bot.messages(self._room.id, after=after, limit=LOOK_BACK)
            same = [
                message
                for message in map(shown, newest)
                if message.webhook_id and self.wrote(message) and message.is_(saying.part)
            ]
            recorded = set(await self._recorded([message.id for message in same]))
            for message in same:
                if message.id not in recorded and self._lane.claim(message.id):
                    return message
            return None

        async def send() -> Shown:
            try:
                return await self._api.execute(
                    self._hook, saying, thread_id=self._thread_id, reconcile=reconcile
                )
            except RoomGoneError:
                # Also for a Discord thread whose parent is not the webhook's channel (10003).
                if self._thread_id is not None and await self._has_moved():
                    raise WebhookMovedError("the webhook was moved to another channel") from None
                raise

        sent = await self._bot.sure(self._room.id, send)
        if sent.channel_id in (0, self._room.id):
            return sent
        # Delete the message from the wrong channel, where others could read it.
        await self._api.delete(self._hook, sent.id, thread_id=None)
        raise WebhookMovedError(f"the webhook was moved to channel {sent.channel_id}")

    async def _exists(self, message_id: int) -> bool:
        """Return whether the room still shows the message."""
        bounds = {"after": message_id - 1, "before": message_id + 1}
        return bool(await self._bot.messages(self._room.id, **bounds, limit=1))

    async def _has_moved(self) -> bool:
        """Return whether the webhook is no longer among the channel's webhooks."""
        try:
            return self._hook not in await self._bot.own_webhooks(self._room.webhook_channel)
        except NotPermittedError:
            return False


class BotSender:
    """Sends as the bot with a name line: in DMs, or without the permission for webhooks."""

    has_room_for_a_frame = True

    def __init__(self, *, room: Room, name: str, bot: BotApi) -> None:
        self._room = room
        self._name = name
        self._bot = bot
        # Messages whose link previews are suppressed.
        self._bare: set[int] = set()
        self.header = name_line(name)

    async def send(self, part: Part, *, after: int) -> Shown:  # noqa: ARG002 a nonce needs no look-back
        """Send exactly once, by the nonce."""
        sent = await self._bot.send(self._room.id, part)
        if part.bare_links:
            self._bare.add(sent.id)
        return sent

    async def edit(
        self,
        message_id: int,
        part: Part,
        *,
        frame: bool,  # noqa: ARG002 discord.py owns the rate limit of the bot's edits
    ) -> None:
        """Edit a message of the bot's."""
        if part.bare_links and message_id not in self._bare:
            # Before the edit, so that Discord never shows a preview.
            await self._bot.bare_links(self._room.id, message_id)
            self._bare.add(message_id)
        await self._bot.edit(self._room.id, message_id, part)

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:  # noqa: ARG002 the bot deletes both alike
        """Delete a message if the bot may."""
        await discard(self._bot, self._room.id, message_id)

    async def following(self, after: int) -> list[Shown]:
        """Return the messages after `after`; the webhook's messages get a name line."""
        read = await self._bot.following(self._room.id, after=after, limit=LOOK_ON)
        return [self._with_name_line(shown(message)) for message in read]

    def wrote(self, message: Shown) -> bool:
        """Return whether the message is ours and has the character's name line."""
        by_webhook = _by_our_webhook(message, self._bot) and message.name == self._name
        # In a message with nothing but a poll or a file, Discord trims the newline.
        named = f"{message.content}\n".startswith(self.header)
        return named and (by_webhook or self.may_edit(message))

    def may_edit(self, message: Shown) -> bool:
        """Return whether the bot sent the message."""
        return _by_bot(message, self._bot)

    def _with_name_line(self, message: Shown) -> Shown:
        if not _by_our_webhook(message, self._bot) or message.name != self._name:
            return message
        return replace(message, content=(self.header + message.content).rstrip())


def _by_bot(message: Shown, bot: BotApi) -> bool:
    return message.webhook_id is None and message.author == bot.user_id


def _by_our_webhook(message: Shown, bot: BotApi) -> bool:
    return through_our_webhook(message.webhook_id, message.application_id, bot.application_id)


async def discard(bot: BotApi, channel_id: int, message_id: int) -> None:
    """Delete a message as the bot; if that fails, log the error and leave the message."""
    try:
        await bot.delete(channel_id, message_id)
    except DeliveryError as error:
        log.info("cannot delete message %s: %s", message_id, error)
