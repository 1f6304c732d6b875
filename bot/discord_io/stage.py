"""Discord as a stage: where turns' words and actions arrive. Implements `RoomStage` of the rooms.

Owns the choice of a voice and what the room was seen to show last; each way of writing has a
module of its own.
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
from bot.discord_io.askers_voice import AskersVoice
from bot.discord_io.bot_api import BotApi
from bot.discord_io.delivery import ChunkRecord, StreamedDelivery
from bot.discord_io.faults import MessageGoneError, WebhookGoneError, WebhooksFullError
from bot.discord_io.gateway_clock import GatewayClock
from bot.discord_io.history import Author, edits_in, spoken_in, told
from bot.discord_io.lane import Lanes
from bot.discord_io.layout import Layout
from bot.discord_io.message_record import MessageRecord
from bot.discord_io.ourselves import Ourselves
from bot.discord_io.parts import Part
from bot.discord_io.recent import Recent
from bot.discord_io.rights import Rights
from bot.discord_io.stage_parts import KnownRooms, Pacing, Voices
from bot.discord_io.voice import BotVoice, Persona, Voice, WebhookVoice
from bot.domain.character import Character
from bot.domain.emojis import of_name
from bot.domain.room import Place, Room
from bot.domain.splitting import split
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance
from bot.domain.wording import worded
from bot.errors import DeliveryError, NotPermittedError, StoreError, WrongKindError
from bot.rooms.patience import patiently
from bot.tasks import Aside

log = logging.getLogger(__name__)

# Of what is read back only the newest are still answered.
NAMES_READ: Final = 100
# What is read around an answer whose record is lost: its question, and the rest of it.
QUESTION_WITHIN: Final = 50
CHUNKS_WITHIN: Final = 12
# Places that were told what is missing there.
PLACES_KEPT: Final = 2_000
# How long an answer that was begun waits for the record that tells what was sent of it.
STORE_SECONDS: Final = 600.0
PACING: Final = Pacing()


class DiscordStage:
    """A `RoomStage`.

    `on_missing` is told, once for each channel, what the bot lacks to give characters their own
    name and face there.
    """

    def __init__(
        self,
        *,
        bot: BotApi,
        voices: Voices,
        record: MessageRecord,
        rooms: KnownRooms,
        clock: GatewayClock,
        on_missing: Callable[[Room, str], Awaitable[None]],
        rights: Rights | None = None,
        pacing: Pacing = PACING,
    ) -> None:
        self._bot = bot
        self._api, self._webhooks = voices.api, voices.webhooks
        self._avatars, self._typing = voices.avatars, voices.typing
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
        """The gateway showed this message; told of all of them, our own too."""
        self._answered.saw(room_id, message_id, name)

    async def prepare(self, room: Room, character: Character) -> None:
        """Have the webhook and the face ready, so that first words need not wait for them."""
        try:
            await self._avatars.prepare(self._rooms.worn(room, character))
            await self._voice(room, character)
        except DeliveryError as error:
            log.info("the way into room %s is not ready yet: %s", room.id, error)

    async def webhooks_changed(self, channel_id: int) -> None:
        """The gateway said so: see whether ours is still there, and what was refused is allowed."""
        self._told.pop(channel_id, None)
        await self._webhooks.review(channel_id)

    def rights_changed(self, channel_ids: Sequence[int]) -> None:
        """The gateway said so: what was refused in these channels may be allowed now."""
        for channel_id in channel_ids:
            self._told.pop(channel_id, None)
            self._webhooks.allow_again(channel_id)

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        """The gateway said that these are no more: forget what is kept for them."""
        for room_id in room_ids:
            self._answered.forget(room_id)
            self._told.pop(room_id, None)
            self._lanes.drop(room_id)
            await self._webhooks.drop(room_id)

    @asynccontextmanager
    async def deliver(self, turn: Turn, character: Character) -> AsyncIterator[StreamedDelivery]:
        """Open the way for one answer; what was only shown when it is left stays shown."""
        lane = self._lanes.of(turn.room.webhook_channel)
        for message_id in turn.chunks:
            lane.claim(message_id)

        async def record(index: int, message_id: int) -> None:
            lane.claim(message_id)
            await self._record.chunk(turn, index, message_id)

        async def spoken_for(message_ids: Sequence[int]) -> set[int]:
            """On record, or of an answer whose record still waits for the store.

            Without knowing that, an answer that was begun would be said again, or take another's.
            """
            look = patiently(
                "what was begun waits for its record",
                stop=stop_after_delay(STORE_SECONDS),
            )
            claimed = {one for one in message_ids if lane.has(one)}
            return claimed | set(await look(self._record.authors, message_ids))

        delivery = StreamedDelivery(
            turn=turn,
            open_voice=lambda: self._askers_voice(turn.room, character, lambda: delivery.askers),
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
        """The line above the turn's words will name this message; False when it stands already."""
        return self._answered.choose(turn, said)

    async def post(self, turn: Turn, character: Character, part: Part) -> int:
        """Say one message as the character, apart from the turn's answer; gives its id.

        What an earlier process said of this turn before it died is found, and not said again.
        """
        room = turn.room
        askers = {turn.asker, *turn.along}
        voice = await self._askers_voice(room, character, lambda: askers)
        after = self._answered.newest(room.id, least=turn.trigger)
        shown = self._worded(room, part.content)
        said = replace(part, content=voice.header + shown)
        message_id = await self._posted(turn, voice, said)
        if message_id is None:
            message_id = (await voice.send(said, after=after)).id
            self._lanes.of(room.webhook_channel).claim(message_id)
        try:
            await self._record.claim(turn, message_id)
        except StoreError as error:
            log.warning("whose message %s is cannot be recorded: %s", message_id, error)
        return message_id

    async def discard(self, room: Room, message_id: int) -> None:
        """Delete one of our messages. Raises `NotPermittedError` when that is moderators' now."""
        try:
            await self._bot.delete(room.id, message_id)
        except NotPermittedError:
            if not await self._unsay(room, message_id):
                raise

    def typing(self, room: Room) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show that somebody types, for as long as it is held or until what it gives is called."""
        return self._typing.held(room.id)

    async def require_voice(self, room: Room) -> None:
        """Return where words can be sent, as far as is known."""
        await self._bot.require_voice(room)

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Say something in the bot's own voice; nobody is notified."""
        for part in split(text):
            await self._bot.send(room.id, Part(part), reply_to=reply_to)
            reply_to = None

    def now(self) -> datetime:
        """Discord's time, as far as it is known."""
        return self._clock.now()

    def newest(self, room: Room) -> int | None:
        """The id of the newest message that the place is known to have; asks nobody."""
        return self._bot.newest_message(room.id)

    def threads(self) -> list[Room]:
        """The active threads that are known; asks nobody."""
        return self._bot.threads()

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        """Put a reaction under a message."""
        own = self._bot.emojis(room.guild_id)
        await self._bot.react(room.id, message_id, of_name(emoji, own) or emoji)

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        """Take the bot's own reaction back; that there is none is no error."""
        await self._bot.unreact(room.id, message_id, emoji)

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        """What the room shows between two messages (both exclusive), oldest first."""
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
        """The turn that said this message, made anew from what the room shows: its record is lost.

        None when nobody of the room's cast said it. Raises `RefusedError` when the room does not
        show what it answers.
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
        """The newest messages that the room shows, with when a person edited them last."""
        shown = await self._bot.messages(room.id, limit=limit)
        return edits_in(shown)

    async def _voice(self, room: Room, character: Character) -> Voice:
        if room.place is Place.DIRECT:
            return BotVoice(room=room, name=character.name, bot=self._bot)
        try:
            hook = await self._webhooks.of(room.webhook_channel)
        except NotPermittedError as error:
            return await self._fallback(room, character, error.permission)
        except WrongKindError as without:
            log.info("characters speak as the bot in channel %s: %s", room.webhook_channel, without)
            return BotVoice(room=room, name=character.name, bot=self._bot)
        except WebhooksFullError:
            return await self._fallback(
                room, character, "a free webhook (a channel has 15 at most)"
            )
        return WebhookVoice(
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

    async def _askers_voice(
        self, room: Room, character: Character, askers: Callable[[], Collection[int]]
    ) -> Voice:
        """The character's voice, for as long as it answers these people."""
        voice = await self._voice(room, character)
        return AskersVoice(voice, askers=askers, may=partial(self._rights.allows, room))

    async def _unsay(self, room: Room, message_id: int) -> bool:
        """Delete it by the room's webhook; False when that is not to be had or did not write it."""
        thread_id = room.id if room.parent_id is not None else None
        try:
            hook = await self._webhooks.of(room.webhook_channel)
            # Another one's message counts as gone already: that it is this one's must be seen.
            for call in (self._api.fetch, self._api.delete):
                request = partial(call, hook, message_id, thread_id=thread_id)
                await self._bot.sure(room.id, request)
        except (NotPermittedError, WebhooksFullError, WebhookGoneError, MessageGoneError):
            return False
        return True

    async def _fallback(self, room: Room, character: Character, lacking: str) -> Voice:
        channel = room.webhook_channel
        if channel not in self._told:
            self._told[channel] = None
            log.warning("channel %s: characters speak as the bot, lacking %s", channel, lacking)
            try:
                await self._on_missing(room, lacking)
            except DeliveryError as error:
                log.warning("and nobody could be told: %s", error)
        return BotVoice(room=room, name=character.name, bot=self._bot)

    async def _posted(self, turn: Turn, voice: Voice, part: Part) -> int | None:
        """The message that is `part` already; those that this process sent are not meant."""
        try:
            shown = await voice.following(turn.trigger)
            same = [one.id for one in shown if voice.wrote(one) and one.is_(part)]
            known = await self._record.authors(same)
        except (DeliveryError, StoreError) as error:
            log.warning("whether it was sent before cannot be seen: %s", error)
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
            log.warning("the record of messages cannot be read: %s", error)
            return set()
