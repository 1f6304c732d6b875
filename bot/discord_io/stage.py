"""Discord as a stage: delivers answers and reads history. Implements `RoomStage` of the rooms.

Owns the choice of the sender (webhook or bot) and the newest message ids per room. Other modules
make the requests.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from tenacity import stop_after_delay

from bot.discord_io import unrecorded
from bot.discord_io.answered import Answered
from bot.discord_io.asker_rights import AskerRightsSender
from bot.discord_io.bot_api import BotApi
from bot.discord_io.delivery import ChunkRecord, StreamedDelivery
from bot.discord_io.discord_errors import MessageGoneError, WebhookGoneError, WebhooksFullError
from bot.discord_io.gateway_clock import GatewayClock
from bot.discord_io.history import Author, edits_in, spoken_in, told
from bot.discord_io.lane import Lanes
from bot.discord_io.layout import Layout
from bot.discord_io.message_record import MessageRecord
from bot.discord_io.ourselves import Ourselves
from bot.discord_io.parts import Part
from bot.discord_io.recent import Recent
from bot.discord_io.rights import Rights
from bot.discord_io.sender import BotSender, Persona, Sender, WebhookSender
from bot.discord_io.stage_parts import KnownRooms, Pacing, Senders
from bot.domain.character import Character
from bot.domain.emojis import of_name
from bot.domain.room import Place, Room
from bot.domain.splitting import split
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance
from bot.domain.wording import worded
from bot.errors import DeliveryError, NotPermittedError, StoreError, WrongKindError
from bot.rooms.record.retry import retry_policy
from bot.tasks import Aside

log = logging.getLogger(__name__)

# Newest messages of a page of history whose authors' names are cached: only they can be answered.
NAMES_READ: Final = 100
# Messages to read when an answer's record is lost: back to the question, and on to later chunks.
QUESTION_WITHIN: Final = 50
CHUNKS_WITHIN: Final = 12
# Channels in which people were told about a missing permission.
PLACES_KEPT: Final = 2_000
# Seconds that a started answer waits for the store, which knows the messages sent for it.
STORE_SECONDS: Final = 600.0
PACING: Final = Pacing()


class DiscordStage:
    """A `RoomStage`.

    `on_missing` is called once per channel with the permission that the bot lacks to give
    characters their own name and avatar there.
    """

    def __init__(
        self,
        *,
        bot: BotApi,
        senders: Senders,
        record: MessageRecord,
        rooms: KnownRooms,
        clock: GatewayClock,
        on_missing: Callable[[Room, str], Awaitable[None]],
        rights: Rights | None = None,
        pacing: Pacing = PACING,
    ) -> None:
        self._bot = bot
        self._api, self._webhooks = senders.api, senders.webhooks
        self._avatars, self._typing = senders.avatars, senders.typing
        self._record = record
        self._rooms = rooms
        self._clock = clock
        self._on_missing = on_missing
        self._rights = rights or Rights(bot)
        self._pacing = pacing
        self._aside = Aside()
        self._answered = Answered(self.now)
        self._lanes = Lanes()
        self._told: Recent[int, None] = Recent(PLACES_KEPT)

    def saw(self, room_id: int, message_id: int, name: str) -> None:
        """Record a new message from the gateway; to be called for all messages, also our own."""
        self._answered.saw(room_id, message_id, name)

    async def prepare(self, room: Room, character: Character) -> None:
        """Prepare the webhook and the avatar in advance, so that the first send need not wait."""
        try:
            await self._avatars.prepare(self._rooms.worn(room, character))
            await self._sender(room, character)
        except DeliveryError as error:
            log.info("cannot prepare the sender in room %s: %s", room.id, error)

    async def webhooks_changed(self, channel_id: int) -> None:
        """Check that our webhook still exists after a change, and forget an earlier refusal."""
        self._told.pop(channel_id, None)
        await self._webhooks.review(channel_id)

    def rights_changed(self, channel_ids: Sequence[int]) -> None:
        """Forget earlier refusals in these channels: the bot's permissions have changed."""
        for channel_id in channel_ids:
            self._told.pop(channel_id, None)
            self._webhooks.allow_again(channel_id)

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        """Forget all state of deleted rooms."""
        for room_id in room_ids:
            self._answered.forget(room_id)
            self._told.pop(room_id, None)
            self._lanes.drop(room_id)
            await self._webhooks.drop(room_id)

    @asynccontextmanager
    async def deliver(self, turn: Turn, character: Character) -> AsyncIterator[StreamedDelivery]:
        """Open the delivery of an answer; an answer that is unfinished on exit stays visible."""
        lane = self._lanes.of(turn.room.webhook_channel)
        for message_id in turn.chunks:
            lane.claim(message_id)

        async def record(index: int, message_id: int) -> None:
            lane.claim(message_id)
            await self._record.chunk(turn, index, message_id)

        async def spoken_for(message_ids: Sequence[int]) -> set[int]:
            """Return the messages that are recorded or claimed, and retry while the store is down.

            Claims cover answers whose record is still in the write-behind queue. Without this
            check, a started answer could be sent twice, or adopt messages of another answer.
            """
            retrying = retry_policy(
                "a started answer waits for its record",
                stop=stop_after_delay(STORE_SECONDS),
            )
            claimed = {message_id for message_id in message_ids if lane.has(message_id)}
            return claimed | set(await retrying(self._record.authors, message_ids))

        delivery = StreamedDelivery(
            turn=turn,
            open_sender=lambda: self._askers_sender(turn.room, character, lambda: delivery.askers),
            lane=lane,
            record=ChunkRecord(record, spoken_for),
            layout=Layout(
                worded=lambda text: self._worded(turn.room, text),
                reply_line=lambda: self._answered.line(turn),
                further_line=lambda above: self._answered.further_line(turn, above),
            ),
            aside=self._aside,
            pacing=self._pacing,
            now=self.now,
        )
        with self._answered.answering(turn):
            async with delivery:
                yield delivery

    def answer(self, turn: Turn, said: Utterance) -> bool:
        """Point the turn's reply line at this message; False if the line is already shown."""
        return self._answered.choose(turn, said)

    async def post(self, turn: Turn, character: Character, part: Part) -> int:
        """Send a message as the character, separate from the turn's answer; return its id.

        If an earlier process has sent this message for the turn, return that message's id instead.
        """
        room = turn.room
        askers = {turn.asker, *turn.along}
        sender = await self._askers_sender(room, character, lambda: askers)
        after = self._answered.newest(room.id, least=turn.trigger)
        content = sender.header + self._worded(room, part.content)
        prefixed = replace(part, content=content)
        message_id = await self._posted(turn, sender, prefixed)
        if message_id is None:
            message_id = (await sender.send(prefixed, after=after)).id
            self._lanes.of(room.webhook_channel).claim(message_id)
        try:
            await self._record.claim(turn, message_id)
        except StoreError as error:
            log.warning("cannot record the author of message %s: %s", message_id, error)
        return message_id

    async def discard(self, room: Room, message_id: int) -> None:
        """Delete one of our messages. Raises `NotPermittedError` if only moderators can."""
        try:
            await self._bot.delete(room.id, message_id)
        except NotPermittedError:
            if not await self._delete_by_webhook(room, message_id):
                raise

    def typing(self, room: Room) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show the typing indicator until the context ends or the yielded callback is called."""
        return self._typing.held(room.id)

    async def require_voice(self, room: Room) -> None:
        """Raise if the bot is known to be unable to send messages in the room."""
        await self._bot.require_voice(room)

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Send a notice as the bot itself, without notifying anybody."""
        for part in split(text):
            await self._bot.send(room.id, Part(part), reply_to=reply_to)
            reply_to = None

    def now(self) -> datetime:
        """Return Discord's time, as far as it is known."""
        return self._clock.now()

    def newest(self, room: Room) -> int | None:
        """Return the id of the room's newest message from the cache; None if unknown."""
        return self._bot.newest_message(room.id)

    def threads(self) -> list[Room]:
        """Return the active Discord threads from the cache."""
        return self._bot.threads()

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        """Add a reaction to a message; `emoji` may be the name of a custom emoji."""
        own = self._bot.emojis(room.guild_id)
        await self._bot.react(room.id, message_id, of_name(emoji, own) or emoji)

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        """Remove the bot's own reaction. Idempotent."""
        await self._bot.unreact(room.id, message_id, emoji)

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        """Read the room's messages between two message ids (both exclusive), oldest first."""
        messages = await self._bot.messages(room.id, after=after, before=before, limit=limit)
        rows = await self._record.authors(spoken_in(messages))
        orders = await self._record.orders({turn_id for _, turn_id in rows.values()})
        authors = {
            message_id: Author(character, turn_id, orders.get(turn_id))
            for message_id, (character, turn_id) in rows.items()
        }
        for message in messages[-NAMES_READ:]:
            self._answered.read(message.id, message.author.display_name)
        return told(
            messages,
            authors,
            us=self._ourselves(),
            cast=self._rooms.cast(room),
            find=self._rooms.find,
            now=self.now(),
            open_from=partial(self._rooms.open_from, room),
        )

    async def unrecorded(self, room: Room, message_id: int) -> Turn | None:
        """Rebuild a turn from the room's messages when the record of message `message_id` is lost.

        Returns None if no character of the room's cast wrote the message. Raises `RefusedError` if
        the question that it answers is not found.
        """
        messages = await self._bot.messages(room.id, before=message_id + 1, limit=QUESTION_WITHIN)
        messages += await self._bot.following(room.id, after=message_id, limit=CHUNKS_WITHIN)
        return unrecorded.turn_of(
            messages,
            message_id,
            room=room,
            us=self._ourselves(),
            cast=self._rooms.cast(room),
            recorded=await self._record.authors([message.id for message in messages]),
        )

    def _worded(self, room: Room, text: str) -> str:
        return worded(text, self._bot.emojis(room.guild_id))

    def _ourselves(self) -> Ourselves:
        return Ourselves(self._bot.user_id, self._bot.application_id)

    async def messages(self, room: Room, *, limit: int = 100) -> dict[int, datetime | None]:
        """Read the newest messages: message id → time of a person's last edit, None if unedited."""
        newest = await self._bot.messages(room.id, limit=limit)
        return edits_in(newest)

    async def _sender(self, room: Room, character: Character) -> Sender:
        if room.place is Place.DIRECT:
            return BotSender(room=room, name=character.name, bot=self._bot)
        try:
            hook = await self._webhooks.of(room.webhook_channel)
        except NotPermittedError as error:
            return await self._fallback(room, character, error.permission)
        except WrongKindError as error:
            log.info("characters speak as the bot in channel %s: %s", room.webhook_channel, error)
            return BotSender(room=room, name=character.name, bot=self._bot)
        except WebhooksFullError:
            return await self._fallback(
                room, character, "a free webhook (a channel has 15 at most)"
            )
        return WebhookSender(
            room=room,
            persona=Persona(
                character.name, lambda: self._avatars.of(self._rooms.worn(room, character))
            ),
            hook=hook,
            api=self._api,
            webhooks=self._webhooks,
            bot=self._bot,
            lane=self._lanes.of(room.webhook_channel),
            recorded=self._recorded,
        )

    async def _askers_sender(
        self, room: Room, character: Character, askers: Callable[[], Collection[int]]
    ) -> Sender:
        """Return the character's sender, limited by the permissions of the `askers`."""
        sender = await self._sender(room, character)
        return AskerRightsSender(sender, askers=askers, may=partial(self._rights.allows, room))

    async def _delete_by_webhook(self, room: Room, message_id: int) -> bool:
        """Delete by the room's webhook; False if there is none or it did not send the message."""
        thread_id = room.id if room.parent_id is not None else None
        try:
            hook = await self._webhooks.of(room.webhook_channel)
            # Fetch first: deleting another webhook's message fails with 10008, which `delete`
            # takes for success.
            for call in (self._api.fetch, self._api.delete):
                request = partial(call, hook, message_id, thread_id=thread_id)
                await self._bot.sure(room.id, request)
        except (NotPermittedError, WebhooksFullError, WebhookGoneError, MessageGoneError):
            return False
        return True

    async def _fallback(self, room: Room, character: Character, lacking: str) -> Sender:
        channel = room.webhook_channel
        if channel not in self._told:
            self._told[channel] = None
            log.warning("channel %s: characters speak as the bot, lacking %s", channel, lacking)
            try:
                await self._on_missing(room, lacking)
            except DeliveryError as error:
                log.warning("cannot tell people in channel %s what is missing: %s", channel, error)
        return BotSender(room=room, name=character.name, bot=self._bot)

    async def _posted(self, turn: Turn, sender: Sender, part: Part) -> int | None:
        """Return the id of the message if an earlier process has sent `part` for this turn."""
        try:
            shown = await sender.following(turn.trigger)
            same = [message.id for message in shown if sender.wrote(message) and message.is_(part)]
            known = await self._record.authors(same)
        except (DeliveryError, StoreError) as error:
            log.warning("cannot check whether a message was sent before: %s", error)
            return None
        lane = self._lanes.of(turn.room.webhook_channel)
        for message_id in same:
            _, owner = known.get(message_id, ("", turn.id))
            if owner.removesuffix(f":{message_id}") == turn.id and lane.claim(message_id):
                return message_id
        return None

    async def _recorded(self, message_ids: Sequence[int]) -> set[int]:
        try:
            return set(await self._record.authors(message_ids))
        except StoreError as error:
            log.warning("cannot read the record of messages: %s", error)
            return set()
