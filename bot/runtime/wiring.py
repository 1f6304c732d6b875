"""The real parts behind the ports of the rooms: Discord, Redis and Codex.

Owns the choice of the part behind each port; `bot.rooms.wiring` builds the rooms, and
`bot.runtime.app` opens and closes the resources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import discord

from bot.characters.library import Library
from bot.codex.mind import CodexMind
from bot.codex.pool import Pool
from bot.discord_io.actions import DiscordActions
from bot.discord_io.attachments import Attachments
from bot.discord_io.avatars import Avatars
from bot.discord_io.bot_api import BotApi
from bot.discord_io.client import TroupeClient
from bot.discord_io.missing_rights import MissingRights
from bot.discord_io.rights import Rights
from bot.discord_io.slow_mode import SlowMode
from bot.discord_io.stage import DiscordStage
from bot.discord_io.stage_parts import KnownRooms, Senders
from bot.discord_io.typing import Typing
from bot.discord_io.webhook_api import WebhookApi
from bot.discord_io.webhooks import Webhooks
from bot.rooms.record.write_behind import WriteBehindLedger
from bot.rooms.runs.turn_results import Outcome
from bot.rooms.state.room_state import RoomState, StatePorts, state_of
from bot.rooms.turns.limits import Limits
from bot.rooms.wiring import RoomPorts, Rooms, build_rooms
from bot.runtime.adapters import MessageRecord, awake
from bot.store.avatars import RedisAvatars
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.decisions import RedisDecisions
from bot.store.ledger import RedisLedger
from bot.store.persona_states import RedisPersonaStates
from bot.store.policies import RedisPolicies
from bot.store.spending import RedisSpending
from bot.store.webhooks import RedisWebhooks
from bot.tasks import Tasks

# Discord shows typing for ten seconds and cannot be told to stop. So an answer that comes within
# TYPING_PATIENCE seconds shows no typing, which would otherwise stay visible under the answer.
TYPING_SECONDS = 8.0
TYPING_PATIENCE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The resources that the composition root opens and closes."""

    client: TroupeClient
    """The connection to Discord."""
    api: WebhookApi
    """Discord's webhooks over HTTP."""
    store: Store
    """Redis."""
    library: Library
    """The character files."""
    pool: Pool
    """The app-servers."""
    mind: CodexMind
    """Codex, asked through that pool."""
    files: Attachments
    """Opens the files that people attach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The task groups and limits that the host gives the rooms."""

    tasks: Tasks
    """The bot's own tasks, cancelled when it shuts down."""
    turns: Tasks
    """Turns and decisions of the rooms; may finish when the bot shuts down."""
    limits: Limits
    """The host's limits on members."""
    answer_seconds: float
    """Most seconds that the model may take for an answer."""
    on_outcome: Callable[[Outcome], None]
    """Called with the outcome of each turn; never blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordParts:
    """The parts over Discord that the rooms and the commands use."""

    stage: DiscordStage
    """Delivers answers and reads history."""
    actions: DiscordActions
    """Performs the actions of models."""
    rights: Rights
    """The permissions of people in channels."""
    slow_mode: SlowMode
    """The slow mode of channels, which applies to commands too."""
    avatars: Avatars
    """The characters' avatars."""

    def hear_person(self, message: discord.Message) -> None:
        """Record a person's roles, and the time of their message for slow mode."""
        self.slow_mode.heard(message)
        self.rights.saw(message.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rooms on their real ports."""

    rooms: Rooms
    """The parts of the rooms."""
    discord: DiscordParts
    """The parts over Discord."""
    ledger: WriteBehindLedger
    """The write-behind ledger of turns."""
    library: Library
    """The characters that can be summoned."""

    async def keep_record(self) -> None:
        """Write the offsets, after rewriting the records that a restarted store has lost.

        For a periodic task. Raises `StoreError`.
        """
        await self.ledger.heal()
        await self.rooms.state.offsets.write()


def assemble(sides: Sides, host: Host) -> House:
    """Make the rooms on Discord, Redis and Codex, without reading or writing anything."""
    redis, policies = RedisLedger(sides.store), RedisPolicies(sides.store)
    ledger = WriteBehindLedger(redis, host.tasks)
    state = _state(sides, host, policies)
    parts = _discord(sides, host, state, MessageRecord(writing=ledger, reading=redis))
    rooms = build_rooms(
        RoomPorts(
            state=state,
            mind=sides.mind,
            stage=parts.stage,
            actions=parts.actions,
            ledger=ledger,
            files=sides.files,
            bindings=policies,
            decisions=RedisDecisions(sides.store),
            spending=RedisSpending(sides.store),
            gateway=sides.client,
            awake=partial(awake, sides.pool),
            on_outcome=host.on_outcome,
            tasks=host.tasks,
            turns=host.turns,
            limits=host.limits,
            answer_seconds=host.answer_seconds,
        )
    )
    return House(rooms=rooms, discord=parts, ledger=ledger, library=sides.library)


def _state(sides: Sides, host: Host, policies: RedisPolicies) -> RoomState:
    return state_of(
        StatePorts(
            casts=RedisCasts(sides.store),
            policies=policies,
            persona_states=RedisPersonaStates(sides.store),
            characters=sides.library,
            clock=sides.client.clock,
            access=host.limits.access,
            turns=host.turns,
        )
    )


def _discord(sides: Sides, host: Host, state: RoomState, record: MessageRecord) -> DiscordParts:
    client, bot = sides.client, BotApi(sides.client)
    avatars = Avatars(client=client, memory=RedisAvatars(sides.store), tasks=host.tasks)
    rights = Rights(bot)
    stage = DiscordStage(
        bot=bot,
        senders=Senders(
            api=sides.api,
            webhooks=Webhooks(bot=bot, api=sides.api, memory=RedisWebhooks(sides.store)),
            avatars=avatars,
            typing=Typing(bot, host.tasks, interval=TYPING_SECONDS, patience=TYPING_PATIENCE),
        ),
        record=record,
        rooms=KnownRooms(
            find=sides.library.get,
            cast=state.casting.cast,
            worn=state.persona_states.worn,
            open_from=state.in_hand.open_from,
        ),
        clock=client.clock,
        on_missing=MissingRights(bot).tell,
        rights=rights,
    )
    return DiscordParts(
        stage=stage,
        actions=DiscordActions(client=client, bot=bot, stage=stage, rights=rights),
        rights=rights,
        slow_mode=SlowMode(),
        avatars=avatars,
    )
