"""The real parts behind the ports of the rooms: Discord, Redis and Codex.

Owns which part each port is; how the rooms are put together is `bot.rooms.wiring`'s, opening and
closing them is `bot.runtime.app`'s.
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

# Discord shows typing for ten seconds and has no way to stop it: an answer that comes within the
# patience shows none, so that none is left standing under it.
TYPING_SECONDS = 8.0
TYPING_PATIENCE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The world's sides, which the composition root opens and closes."""

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
    """Opens what people attach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What the host gives and allows the rooms."""

    tasks: Tasks
    """The bot's own tasks, cut off when it ends."""
    turns: Tasks
    """What rooms have in hand; let finish when the bot ends."""
    limits: Limits
    """What members may use."""
    answer_seconds: float
    """For how long one answer may be thought."""
    on_outcome: Callable[[Outcome], None]
    """Told what each turn came to; never blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordParts:
    """What stands on Discord for the rooms and the commands."""

    stage: DiscordStage
    """Where words arrive."""
    actions: DiscordActions
    """Carries out the actions of models."""
    rights: Rights
    """What people may do in a channel."""
    slow_mode: SlowMode
    """The slow mode of channels, which commands keep too."""
    avatars: Avatars
    """The characters' faces."""

    def hear_person(self, message: discord.Message) -> None:
        """Note what Discord tells of a person with their message: roles, and when they spoke."""
        self.slow_mode.heard(message)
        self.rights.saw(message.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rooms with everything real behind them."""

    rooms: Rooms
    """The parts of the rooms."""
    discord: DiscordParts
    """What stands on Discord for them."""
    ledger: WriteBehindLedger
    """The record of turns, written behind."""
    library: Library
    """The characters that can be summoned."""

    async def keep_record(self) -> None:
        """Write the offsets, once a store that was started anew has back what it lost.

        For a periodic task. Raises `StoreError`.
        """
        await self.ledger.heal()
        await self.rooms.state.offsets.write()


def assemble(sides: Sides, host: Host) -> House:
    """Make the rooms on Discord, Redis and Codex; nothing is read or written yet."""
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
