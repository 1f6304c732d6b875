"""How a character's words get into a room: through the webhook, or as the bot under a name line.

Owns one message at a time; chunks, streaming and the record are `delivery`'s. Words that a model
wrote notify nobody, whomever they mention.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.discord_io.bot_api import BotApi, shown
from bot.discord_io.dressing import name_line
from bot.discord_io.faults import (
    BodyRefusedError,
    MessageGoneError,
    WebhookGoneError,
    WebhooksFullError,
)
from bot.discord_io.lane import Lane
from bot.discord_io.parts import Part, Shown, through_our_webhook
from bot.discord_io.ratelimit import Priority
from bot.discord_io.webhook_api import Hook, Saying, WebhookApi
from bot.discord_io.webhooks import Webhooks
from bot.domain.room import Room
from bot.errors import DeliveryError, NotPermittedError, RoomGoneError

log = logging.getLogger(__name__)

# How far back a message is looked for whose fate is unknown: it would be among the newest.
LOOK_BACK: Final = 50
# How far on from what it answered an answer is looked for that an earlier process began: to the
# newest message, but for a turn that waited while a room said more than this (ten requests).
LOOK_ON: Final = 1_000

# Of these message ids, those that the record knows as a character's.
Recorded = Callable[[Sequence[int]], Awaitable[Collection[int]]]


class MessageOrphanedError(MessageGoneError):
    """The message is there, but the webhook that wrote it is not: it cannot be edited any more."""


class WebhookMovedError(WebhookGoneError):
    """A moderator moved the webhook to another channel: this room needs a new one."""


class VoiceLostError(DeliveryError):
    """What the voice spoke through is gone and cannot be had again: another one has to speak."""


class Voice(Protocol):
    """One character's way to speak in one room."""

    @property
    def header(self) -> str:
        """What stands above every message."""
        ...

    @property
    def has_room_for_a_frame(self) -> bool:
        """Whether an edit that may be left out can go now."""
        ...

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send, once. What is sent is newer than the message `after`."""
        ...

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit. Raises `MessageGoneError`, and `MessageOrphanedError` when it cannot be ours."""
        ...

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete, if that is possible at all; `orphaned` ones were written by another voice."""
        ...

    async def following(self, after: int) -> list[Shown]:
        """What the room shows right after that message, oldest first.

        What the character said in the other voice reads as if this one had said it.
        """
        ...

    def wrote(self, message: Shown) -> bool:
        """Whether the character said it, in either voice, as far as the message itself tells."""
        ...

    def may_edit(self, message: Shown) -> bool:
        """Whether it can be edited by this voice, under whatever name it was said."""
        ...


@dataclass(frozen=True, slots=True)
class Persona:
    """How a character is shown by a webhook."""

    name: str
    """The name above its messages."""
    face: Callable[[], Awaitable[str | None]]
    """The address of the face that it wears, asked for at each message anew; None: without."""


class WebhookVoice:
    """Speaks through the parent channel's webhook, under the character's own name and face."""

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
        """Whether an edit that may be left out can go now."""
        return self._api.has_room_for_a_frame(self._hook)

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send, once; with another webhook if this one is gone, without a face if it is refused.

        Raises `VoiceLostError` when there can be no other webhook.
        """
        avatar_url = None if self._faceless else await self._face()
        saying = Saying(part, self._name, avatar_url)
        try:
            sent = await self._execute(saying, after)
        except WebhookGoneError as gone:
            log.warning("another webhook speaks: %s", gone)
            self._hook = await self._renewed()
            sent = await self._execute(saying, after)
        except BodyRefusedError as refused:
            if "avatar_url" not in refused.fields:
                raise
            log.warning("Discord refused the avatar of %s: it speaks without", self._name)
            self._faceless = True
            sent = await self._execute(replace(saying, avatar_url=None), after)
        self._lane.claim(sent.id)
        return sent

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit. When the webhook is gone, the next send makes another one."""
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
            # A moved webhook cannot find what it wrote in its old channel (10008).
            if await self._stands(message_id) and await self._has_moved():
                raise MessageOrphanedError(str(gone)) from None
            raise

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete: by the webhook, and if that is gone, by the bot if it may."""
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
        """What the room shows right after that message; what the bot said, without the name."""
        read = await self._bot.following(self._room.id, after=after, limit=LOOK_ON)
        return [self._undressed(shown(message)) for message in read]

    def wrote(self, message: Shown) -> bool:
        """Whether it came through this webhook or one of ours that is gone, or from the bot."""
        ours = _by_bot(message, self._bot) or _by_our_webhook(message, self._bot)
        return (self.may_edit(message) or ours) and message.name == self._name

    def may_edit(self, message: Shown) -> bool:
        """Whether it came through this webhook."""
        return message.webhook_id == self._hook.id

    def _undressed(self, message: Shown) -> Shown:
        if not _by_bot(message, self._bot):
            return message
        # The bot's own name is nobody's: a character is told by the line above its words.
        line = name_line(self._name)
        if not f"{message.content}\n".startswith(line):
            return replace(message, name="")
        return replace(message, name=self._name, content=message.content[len(line) :])

    async def _renewed(self) -> Hook:
        try:
            return await self._webhooks.renew(self._room.webhook_channel, self._hook)
        except (NotPermittedError, WebhooksFullError) as error:
            raise VoiceLostError(f"there is no other webhook: {error}") from error

    async def _execute(self, saying: Saying, after: int) -> Shown:
        async def look() -> Shown | None:
            newest = await self._bot.messages(self._room.id, after=after, limit=LOOK_BACK)
            same = [
                message
                for message in map(shown, newest)
                if message.webhook_id and self.wrote(message) and message.is_(saying.part)
            ]
            known = set(await self._recorded([message.id for message in same]))
            for message in same:
                if message.id not in known and self._lane.claim(message.id):
                    return message
            return None

        async def send() -> Shown:
            try:
                return await self._api.execute(
                    self._hook, saying, thread_id=self._thread_id, reconcile=look
                )
            except RoomGoneError:
                # Discord also answers 10003 for a thread whose parent is not the webhook's channel.
                if self._thread_id is not None and await self._has_moved():
                    raise WebhookMovedError("the webhook was moved to another channel") from None
                raise

        sent = await self._bot.sure(self._room.id, send)
        if sent.channel_id in (0, self._room.id):
            return sent
        # Delete it there: what is private in this room would be read in that channel.
        await self._api.delete(self._hook, sent.id, thread_id=None)
        raise WebhookMovedError(f"the webhook was moved to channel {sent.channel_id}")

    async def _stands(self, message_id: int) -> bool:
        """Whether the room still shows that message."""
        only_it = {"after": message_id - 1, "before": message_id + 1}
        return bool(await self._bot.messages(self._room.id, **only_it, limit=1))

    async def _has_moved(self) -> bool:
        """Whether the webhook belongs to another channel than this room's."""
        try:
            return self._hook not in await self._bot.own_webhooks(self._room.webhook_channel)
        except NotPermittedError:
            return False


class BotVoice:
    """Speaks as the bot, the character's name above its words: DMs, or no right to webhooks."""

    has_room_for_a_frame = True

    def __init__(self, *, room: Room, name: str, bot: BotApi) -> None:
        self._room = room
        self._name = name
        self._bot = bot
        # Messages whose links show no previews.
        self._bare: set[int] = set()
        self.header = name_line(name)

    async def send(self, part: Part, *, after: int) -> Shown:  # noqa: ARG002 a nonce needs no look-back
        """Send; the nonce makes it safe to repeat."""
        sent = await self._bot.send(self._room.id, part)
        if part.bare_links:
            self._bare.add(sent.id)
        return sent

    async def edit(
        self,
        message_id: int,
        part: Part,
        *,
        frame: bool,  # noqa: ARG002 discord.py keeps this bucket
    ) -> None:
        """Edit."""
        if part.bare_links and message_id not in self._bare:
            # First, so that no preview is seen in between.
            await self._bot.bare_links(self._room.id, message_id)
            self._bare.add(message_id)
        await self._bot.edit(self._room.id, message_id, part)

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:  # noqa: ARG002 all the same to the bot
        """Delete."""
        await discard(self._bot, self._room.id, message_id)

    async def following(self, after: int) -> list[Shown]:
        """What the room shows right after that message; with the name what a webhook said."""
        read = await self._bot.following(self._room.id, after=after, limit=LOOK_ON)
        return [self._dressed(shown(message)) for message in read]

    def wrote(self, message: Shown) -> bool:
        """Whether it stands under this character's name line."""
        worn = _by_our_webhook(message, self._bot) and message.name == self._name
        # Discord trims it where nothing but a poll or a file stands below.
        named = f"{message.content}\n".startswith(self.header)
        return named and (worn or self.may_edit(message))

    def may_edit(self, message: Shown) -> bool:
        """Whether the bot wrote it."""
        return _by_bot(message, self._bot)

    def _dressed(self, message: Shown) -> Shown:
        if not _by_our_webhook(message, self._bot) or message.name != self._name:
            return message
        return replace(message, content=(self.header + message.content).rstrip())


def _by_bot(message: Shown, bot: BotApi) -> bool:
    return message.webhook_id is None and message.author == bot.user_id


def _by_our_webhook(message: Shown, bot: BotApi) -> bool:
    return through_our_webhook(message.webhook_id, message.application_id, bot.application_id)


async def discard(bot: BotApi, channel_id: int, message_id: int) -> None:
    """Delete a message that nobody else can; where the bot may not, it stays."""
    try:
        await bot.delete(channel_id, message_id)
    except DeliveryError as error:
        log.info("message %s stays: %s", message_id, error)
