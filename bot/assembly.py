"""The rooms of the house, put together: stage, ledger, casting, seats, director.

Owns which part is handed to which; opening and closing them is `bot.app`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import discord

from bot.bridges import MessageRecord, awake
from bot.characters.library import Library
from bot.codex.mind import CodexMind
from bot.codex.pool import Pool
from bot.discord_io.attachments import Attachments
from bot.discord_io.avatars import Avatars
from bot.discord_io.bot_api import BotApi
from bot.discord_io.client import TroupeClient
from bot.discord_io.deeds import DiscordHands
from bot.discord_io.rights import Rights
from bot.discord_io.slow_mode import SlowMode
from bot.discord_io.stage import DiscordStage
from bot.discord_io.typing import Typing
from bot.discord_io.webhook_api import WebhookApi
from bot.discord_io.webhooks import Webhooks
from bot.domain.room import Room
from bot.errors import DeliveryError
from bot.messages.hints import SpeaksUnderBotsName
from bot.messages.rendering import render
from bot.rooms.act import Outcome
from bot.rooms.budgets import Budgets
from bot.rooms.casting import Casting
from bot.rooms.catching_up import CatchingUp
from bot.rooms.changes import Changes
from bot.rooms.circumstances import Circumstances
from bot.rooms.deeds import Deeds
from bot.rooms.demeanours import Demeanours
from bot.rooms.director import Director
from bot.rooms.forgetting import Forgetting
from bot.rooms.hearing import Hearing
from bot.rooms.hints import Hints
from bot.rooms.leaving import Leaving
from bot.rooms.limits import Limits
from bot.rooms.notices import Notices
from bot.rooms.patience import PatientLedger
from bot.rooms.performance import Performance
from bot.rooms.policies import Policies
from bot.rooms.presence import Presence
from bot.rooms.recollection import Recollection
from bot.rooms.replies import Replies
from bot.rooms.scenes import Scenes
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.taking_up import TakingUp
from bot.rooms.thinking import Thinking
from bot.rooms.turn_slots import TurnSlots
from bot.rooms.unread import UnreadMessages
from bot.rooms.unseen import UnseenChanges
from bot.rooms.waiting_marks import WaitingMarks
from bot.rooms.why import Why
from bot.store.avatars import RedisAvatars
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.decisions import RedisDecisions
from bot.store.demeanours import RedisDemeanours
from bot.store.ledger import RedisLedger
from bot.store.policies import RedisPolicies
from bot.store.spending import RedisSpending
from bot.store.webhooks import RedisWebhooks
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Discord shows typing for ten seconds and has no way to stop it: an answer that comes within the
# patience shows none, so that none is left standing under it.
TYPING_SECONDS = 8.0
TYPING_PATIENCE = 1.5


class Rooms:
    """Everything between Discord, Redis and the mind. `tasks` are the bot's own; in `turns` run
    what rooms have in hand, which is let finish when the bot ends.
    """

    def __init__(
        self,
        *,
        client: TroupeClient,
        api: WebhookApi,
        store: Store,
        library: Library,
        pool: Pool,
        mind: CodexMind,
        files: Attachments,
        tasks: Tasks,
        turns: Tasks,
        limits: Limits,
        on_outcome: Callable[[Outcome], None],
        answer_seconds: float,
    ) -> None:
        self.library = library
        redis = RedisLedger(store)
        self.ledger = PatientLedger(redis, tasks)
        bot_api = BotApi(client)
        self.slow_mode, self.rights = SlowMode(), Rights(bot_api)
        casts = RedisCasts(store)
        self.casting = Casting(casts, library, limits.access)
        self.demeanours = Demeanours(RedisDemeanours(store))
        self.avatars = Avatars(client=client, memory=RedisAvatars(store), tasks=tasks)
        self.stage = DiscordStage(
            bot=bot_api,
            api=api,
            webhooks=Webhooks(bot=bot_api, api=api, memory=RedisWebhooks(store)),
            avatars=self.avatars,
            record=MessageRecord(writing=self.ledger, reading=redis),
            find=library.get,
            cast=self.casting.cast,
            typing=Typing(bot_api, tasks, interval=TYPING_SECONDS, patience=TYPING_PATIENCE),
            on_missing=self._tell_missing,
            clock=client.clock.now,
            worn=self.demeanours.worn,
            may=self.rights.allows,
            open_from=lambda room, character: self.seats.open_from(room, character),
        )
        self.hearing = Hearing(self.stage)
        self.scenes = Scenes(
            paused=lambda room: self.policies.of(room).paused,
            left=lambda turn: not self.casting.includes(turn.room, turn.character),
        )
        kept, decisions = RedisPolicies(store), RedisDecisions(store)
        self.policies = Policies(kept)
        self.why = Why(store=decisions, ledger=self.ledger)
        budgets = Budgets(decisions)
        spending = Spending(RedisSpending(store), limits.spending, tasks, now=self.stage.now)
        self.circumstances = Circumstances(
            casting=self.casting,
            ledger=self.ledger,
            bindings=kept,
            budgets=budgets,
            spending=spending,
            now=self.stage.now,
        )
        self.presence = Presence(
            scenes=self.scenes,
            awake=lambda character: awake(pool, character),
            prepare=self.stage.prepare,
        )
        self.unseen = UnseenChanges(self.stage, self.ledger)
        recollection = Recollection(
            mind=mind,
            stage=self.stage,
            ledger=self.ledger,
            hearing=self.hearing,
            files=files,
            unseen=self.unseen,
            settled=lambda room_id: self.changes.settled(room_id),
            since=self.policies.since,
            passed=lambda room_id, message: self.catching_up.passed(room_id, message),
        )
        thinking = Thinking(
            mind=mind,
            ledger=self.ledger,
            hearing=self.hearing,
            recollection=recollection,
            answer_seconds=answer_seconds,
        )
        self.changes = Changes(
            hearing=self.hearing, ledger=self.ledger, thinking=thinking, tasks=tasks
        )
        performance = Performance(
            thinking=thinking,
            stage=self.stage,
            ledger=self.ledger,
            hearing=self.hearing,
            scenes=self.scenes,
            on_outcome=on_outcome,
            on_said=lambda turn, said, again: self.director.overhear(turn, said, again),
            on_gone=lambda room_ids: self.forgetting.gone(room_ids),
        )
        self.seats = Seats(
            ledger=self.ledger,
            performance=performance,
            casting=self.casting,
            characters=library,
            presence=self.presence,
            slots=TurnSlots(limits.slots),
            marks=WaitingMarks(self.stage, turns),
            tasks=turns,
            paused=lambda room: self.policies.of(room).paused,
            undecided=lambda room: self.director.undecided(room),
        )
        self.leaving = Leaving(casting=self.casting, scenes=self.scenes, seats=self.seats)
        self.hands = DiscordHands(client=client, bot=bot_api, stage=self.stage, rights=self.rights)
        self.deeds = Deeds(
            stage=self.stage,
            hands=self.hands,
            hearing=self.hearing,
            demeanours=self.demeanours,
            policy=self.policies.of,
            prepare=self.stage.prepare,
            bind=self.circumstances.bind,
        )
        self.replies = Replies(
            ledger=self.ledger,
            seats=self.seats,
            scenes=self.scenes,
            casting=self.casting,
            characters=library,
            spending=spending,
            policy=self.policies.of,
            discard=self.stage.discard,
            now=self.stage.now,
            unrecorded=self.stage.unrecorded,
        )
        self.director = Director(
            casting=self.casting,
            hearing=self.hearing,
            seats=self.seats,
            policies=self.policies,
            circumstances=self.circumstances,
            budgets=budgets,
            why=self.why,
            hints=Hints(casting=self.casting, notices=Notices(self.stage)),
            presence=self.presence,
            spending=spending,
            tasks=turns,
            on_decided=lambda room, message: self.catching_up.decided(room, message),
            passed=lambda room_id, message: self.catching_up.passed(room_id, message),
            has_gap=lambda room: self.catching_up.has_gap(room),
            whole_upto=lambda room: self.catching_up.whole_upto(room),
        )
        self.taking_up = TakingUp(
            ledger=self.ledger,
            seats=self.seats,
            now=self.stage.now,
            is_over=lambda: self.director.is_over,
        )
        self.unread = UnreadMessages(
            stage=self.stage,
            casting=self.casting,
            tasks=tasks,
            reads_messages=lambda: client.reads_messages,
        )
        self.forgetting = Forgetting(
            stage=self.stage,
            hearing=self.hearing,
            casting=self.casting,
            policies=self.policies,
            demeanours=self.demeanours,
            circumstances=self.circumstances,
            places_gone=self.stage.places_gone,
        )
        self.catching_up = CatchingUp(
            casting=self.casting,
            casts=casts,
            hearing=self.hearing,
            unseen=self.unseen,
            stage=self.stage,
            director=self.director,
            taking_up=self.taking_up,
            on_gone=self.forgetting.gone,
        )

    def hear_person(self, message: discord.Message) -> None:
        """A person wrote this: so much Discord tells of them."""
        self.slow_mode.heard(message)
        self.rights.saw(message.author)

    async def keep_record(self) -> None:
        """Write what has moved, once a store that was started anew has back what it lost.

        For a periodic task. Raises `StoreError`.
        """
        await self.ledger.heal()
        await self.catching_up.write()

    async def _tell_missing(self, room: Room, lacking: str) -> None:
        try:
            await self.stage.tell(room, render(SpeaksUnderBotsName(lacking)))
        except DeliveryError as error:
            log.warning("an admin could not be told: %s", error)
