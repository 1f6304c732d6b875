"""The Discord side of the bot on a Discord of this machine: client, stage and their memories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.character import Character
from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Utterance
from bot.tasks import Tasks
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.model import Channel, Message
from tests.fakes.discord_memory import MemoryAvatars, MemoryRecord, MemorySync, MemoryWebhooks
from tests.fixtures_discord import Inn, build_inn, connected, openapi_path

# isort: split
from bot.discord_io.avatars import Avatars
from bot.discord_io.bot_api import BotApi
from bot.discord_io.client import Handlers, TroupeClient
from bot.discord_io.lane import Lanes
from bot.discord_io.stage import DiscordStage
from bot.discord_io.stage_parts import KnownRooms, Pacing, Senders
from bot.discord_io.typing import Typing
from bot.discord_io.webhook_api import WebhookApi
from bot.discord_io.webhooks import Webhooks

MIRA = Character("mira", "Mira", "You are Mira.")
QUILL = Character("quill", "Quill", "You are Quill.", avatar="https://example.org/quill.png")
CAST = {one.key: one for one in (MIRA, QUILL)}
# Times of the program, made short: what is tested is their ratio to what happens.
QUICK = 0.01


@dataclass(slots=True)
class Heard:
    """What the client's handlers were told."""

    utterances: list[tuple[Utterance, Room]] = field(default_factory=list)
    edits: list[Utterance] = field(default_factory=list)
    previews: list[Utterance] = field(default_factory=list)
    deletes: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    webhooks: list[int] = field(default_factory=list)
    gone: list[tuple[int, ...]] = field(default_factory=list)
    rights: list[tuple[int, ...]] = field(default_factory=list)
    ready: int = 0


@dataclass(slots=True)
class Theatre:
    """A stage in an inn, and everything that a test may want to look at."""

    inn: Inn
    client: TroupeClient
    bot: BotApi
    api: WebhookApi
    webhooks: Webhooks
    stage: DiscordStage
    record: MemoryRecord
    memory: MemoryWebhooks
    heard: Heard
    missing: list[tuple[int, str]]
    tasks: Tasks

    @property
    def server(self) -> DiscordServer:
        return self.inn.server

    def die_unwritten(self) -> None:
        """What was sent is on no record, and the next process knows nothing of it."""
        self.record.forget()
        self.stage._lanes = Lanes()

    async def hears(self, message_id: int) -> tuple[Utterance, Room]:
        """Wait until the client handed that message on."""

        def find(_: object) -> tuple[Utterance, Room] | None:
            for one in self.heard.utterances:
                if one[0].message_id == message_id:
                    return one
            return None

        return await self.server.wait_for(find)

    def room(self, channel: Channel) -> Room:
        """The room that this channel is."""
        if channel.guild_id is None:
            return Room(channel.id, Place.DIRECT)
        if channel.thread is not None:
            return Room(channel.id, Place.THREAD, channel.guild_id, channel.parent_id)
        return Room(channel.id, Place.CHANNEL, channel.guild_id)

    def asked(self, channel: Channel, text: str = "Mira?") -> Turn:
        """Ada says something, and Mira's turn answers it."""
        return self.turn(channel, self.server.world.say(self.inn.ada, channel, text).id)

    def turn(self, channel: Channel, trigger: int, character: str = "mira", **more: Any) -> Turn:
        """A turn that answers that message."""
        return Turn(
            room=self.room(channel),
            character=character,
            trigger=trigger,
            asker=self.inn.ada.id,
            reason=Reason.NAMED,
            accepted_at=datetime.now(UTC),
            **more,
        )

    async def say(
        self, turn: Turn, *texts: str, character: Character = MIRA, take: int = 0, of: int = 1
    ) -> tuple[int, ...]:
        """Deliver, streaming all `texts` but the last, which is a take of so many."""
        async with self.stage.deliver(turn, character) as delivery:
            for text in texts[:-1]:
                delivery.show(text)
                await self.shown(turn)
            return await delivery.finish(texts[-1], take=take, of=of)

    async def shown(self, turn: Turn, text: str | None = None) -> Message:
        """Wait until the room shows (that text as) the turn's first message."""

        def find(_: object) -> Message | None:
            for one in self.said(turn.room.id):
                if self.chunk_of(turn, one.id) == 0 and text in (None, one.content):
                    return one
            return None

        return await self.server.wait_for(find)

    def chunk_of(self, turn: Turn, message_id: int) -> int | None:
        """Which chunk of the turn that message is, by the record."""
        chunks = self.record.chunks.get(turn.id, {})
        return next((index for index, one in chunks.items() if one == message_id), None)

    def said(self, channel_id: int) -> list[Message]:
        """What webhooks and bots said there, oldest first."""
        channel = self.server.world.channels[channel_id]
        return [one for _, one in sorted(channel.messages.items()) if one.author.bot]

    def texts(self, channel: Channel) -> list[str]:
        """The same as text."""
        return [one.content for one in self.said(channel.id)]


@asynccontextmanager
async def theatre_in(
    inn: Inn,
    *,
    edit_interval: float = QUICK,
    held: float = QUICK,
    typing_interval: float = 5.0,
    set_up: Callable[[TroupeClient], Awaitable[None]] | None = None,
    worn: Callable[[Room, Character], Character] = lambda _, character: character,
) -> AsyncIterator[Theatre]:
    """Connect the client and build the stage over it."""
    heard, memory = Heard(), MemoryWebhooks()
    # What the bot notes wakes those who wait, as what happens in the world does.
    changed = inn.server.record.changed
    record = MemoryRecord(changed)
    missing: list[tuple[int, str]] = []

    async def nothing(_: TroupeClient) -> None:
        return None

    async def on_missing(room: Room, lacking: str) -> None:
        missing.append((room.id, lacking))

    def on_ready() -> None:
        heard.ready += 1
        changed()

    def noting(row: Callable[..., object], into: list[Any]) -> Callable[..., None]:
        def note(*heard: Any) -> None:
            into.append(row(*heard))
            changed()

        return note

    def on_seen(room_id: int, message_id: int, name: str) -> None:
        stage.saw(room_id, message_id, name)

    def on_rights_changed(channels: Sequence[int]) -> None:
        stage.rights_changed(channels)
        heard.rights.append(tuple(channels))
        changed()

    client = TroupeClient(
        handlers=Handlers(
            on_utterance=noting(lambda said, room: (said, room), heard.utterances),
            on_edit=noting(lambda said, _: said, heard.edits),
            on_delete=noting(lambda room, ids: (room, tuple(ids)), heard.deletes),
            on_webhooks_update=noting(lambda channel: channel, heard.webhooks),
            on_seen=on_seen,
            on_ready=on_ready,
            on_place_gone=noting(tuple, heard.gone),
            on_preview=noting(lambda said: said, heard.previews),
            on_rights_changed=on_rights_changed,
        ),
        set_up=set_up or nothing,
        sync_memory=MemorySync(),
        api_base=inn.server.api_base,
        gateway_url=inn.server.gateway_url,
        guild_ready_timeout=0.05,
    )
    bot = BotApi(client, backoff=QUICK)
    async with WebhookApi(inn.server.api_base, backoff=QUICK) as api, Tasks("stage") as tasks:
        webhooks = Webhooks(bot=bot, api=api, memory=memory)
        stage = DiscordStage(
            bot=bot,
            senders=Senders(
                api=api,
                webhooks=webhooks,
                avatars=Avatars(client=client, memory=MemoryAvatars(), tasks=tasks),
                typing=Typing(bot, tasks, interval=typing_interval),
            ),
            record=record,
            rooms=KnownRooms(find=CAST.get, cast=lambda _: list(CAST.values()), worn=worn),
            on_missing=on_missing,
            clock=client.clock,
            pacing=Pacing(edit_interval, held),
        )
        async with connected(client, inn.application.user.token):
            yield Theatre(
                inn=inn,
                client=client,
                bot=bot,
                api=api,
                webhooks=webhooks,
                stage=stage,
                record=record,
                memory=memory,
                heard=heard,
                missing=missing,
                tasks=tasks,
            )


@pytest.fixture
async def stage_inn() -> AsyncIterator[Inn]:
    """An inn without limits, which no bot request may leave with a broken rule."""
    async with DiscordServer(openapi=openapi_path(), limits=Limits.off()) as server:
        yield build_inn(server)
        assert not server.record.violations, server.record.violations
        assert not server.record.failures, server.record.failures


@pytest.fixture
async def theatre(stage_inn: Inn) -> AsyncIterator[Theatre]:
    """A stage in that inn."""
    async with theatre_in(stage_inn) as made:
        yield made
