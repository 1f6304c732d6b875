"""The composition root: opens every resource in one `async with`, hands it on by keyword.

    store ─ library ─ codex ─ web ─ pool ─ discord: opened in this order, closed in the other.

Owns the order of start and end, and nothing that happens in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from starlette.applications import Starlette

from bot import commanding, newcomers, opening
from bot.assembly import Rooms
from bot.bridges import SceneForModel, Vitals, scene_for_model
from bot.characters.library import Library
from bot.characters.prompt import PROMPT_VERSION, instructions
from bot.characters.told import ToldFaults
from bot.codex.mind import CodexMind
from bot.codex.pool import Pool, PoolOptions
from bot.codex.registry import Registry
from bot.discord_io import running
from bot.discord_io.attachments import Attachments
from bot.discord_io.bot_api import BotApi
from bot.discord_io.client import Handlers, TroupeClient
from bot.discord_io.owner import tell_owner
from bot.discord_io.webhook_api import WebhookApi
from bot.domain.room import Room
from bot.domain.utterance import Utterance
from bot.errors import StoreError, TroupeError
from bot.fault_reports import FaultReports
from bot.log import Redactor
from bot.messages.failures import UNREAD
from bot.messages.rendering import render
from bot.reporting import Reporting
from bot.rooms.act import Outcome
from bot.rooms.turn_health import TurnHealth
from bot.settings import Settings
from bot.store.commands import RedisCommands
from bot.store.connection import Store
from bot.store.guidelines import RedisGuidelines
from bot.store.lease import HostLease
from bot.tasks import Tasks, forever, unless
from bot.web.app import create_app
from bot.web.metrics import Metrics
from bot.web.server import WebServer
from cogs.members_tree import MembersTree
from mcp_servers.bearers import Bearers
from mcp_servers.inside import ToolsInside

log = logging.getLogger(__name__)

# How often character files are looked at, Redis is asked, and unfinished turns are looked for.
REFRESH_SECONDS = 2.0
MODELS_SECONDS = 15.0
HEALTH_SECONDS = 5.0
RESUME_SECONDS = 60.0
GAP_SECONDS = 2.0
RECORD_SECONDS = 2.0
PRUNE_SECONDS = 3_600.0
# How long one more guild is waited for after a login, before gaps are read.
GUILD_SECONDS = 0.5
# What is being said when the bot is asked to end may be said to its end, for so long.
FAREWELL_SECONDS = 4.0
# And the record of it may take so long, should the store be away.
SETTLE_SECONDS = 1.0
# What is left by then is cut off, and taken up by the next start. One that hangs needs this much.
CLOSING_SECONDS = 2.7


async def serve(
    settings: Settings, environment: Mapping[str, str], redactor: Redactor, stop: asyncio.Event
) -> None:
    """Run the bot until `stop` is set. Raises `TroupeError` when it cannot start or go on."""
    async with AsyncExitStack() as stack:
        async with unless(stop):  # the store may be waited for without end
            opening.data_folder(settings)
            library = Library(settings.characters_dir)
            library.load()
            codex = await opening.codex(settings, environment)
            store = await opening.store(settings, stack)
            lease = await stack.enter_async_context(HostLease(store, settings.token()))
        if stop.is_set():
            log.info("asked to end before it had begun")
            return
        bot = Bot(settings=settings, redactor=redactor, library=library, codex=codex, store=store)
        await bot.run(lease, stop)


class Bot:
    """Everything, put together. `run` opens what has to be opened, and closes it again."""

    def __init__(
        self,
        *,
        settings: Settings,
        redactor: Redactor,
        library: Library,
        codex: opening.Codex,
        store: Store,
    ) -> None:
        self._settings = settings
        self._library = library
        self._codex = codex
        self._store = store
        self._stopping = False
        self._tasks = Tasks("bot")
        self._turns = Tasks("rooms")
        self._metrics = Metrics()
        self._redactor = redactor
        self._bearers = Bearers()
        self._rules = RedisGuidelines(store)
        self._models = opening.models(settings, codex.options, codex.profiles, self._tasks)
        self._turn_health = TurnHealth()
        self._tools = ToolsInside(self._find_scene, self._bearers, host=settings.http_host)
        self._pool = self._make_pool()
        self._client = self._make_client()
        watch = opening.watch(settings, store)
        self._vitals = Vitals(
            client=self._client, pool=self._pool, store=watch, turns=self._turn_health
        )
        self._api = WebhookApi(settings.discord_api_base)
        self._files = Attachments(
            api_base=settings.discord_api_base, renew=BotApi(self._client).files_of
        )
        self._rooms = Rooms(
            client=self._client,
            api=self._api,
            store=store,
            library=library,
            pool=self._pool,
            mind=self._make_mind(),
            files=self._files,
            tasks=self._tasks,
            turns=self._turns,
            limits=opening.limits(settings),
            on_outcome=self._on_outcome,
            answer_seconds=settings.codex_answer_timeout,
        )
        self._report = Reporting(
            client=self._client,
            library=library,
            models=self._models,
            vitals=self._vitals,
            pool=self._pool,
            codex_version=codex.installed.version,
            rooms=lambda: len(self._rooms.casting.rooms()),
        )
        self._faults = FaultReports(
            ToldFaults(settings.data_dir), lambda text: tell_owner(self._client, text)
        )
        self._web = WebServer(settings.http_host, settings.http_port, self._make_web_app())

    # --- making -----------------------------------------------------------------------------

    def _make_pool(self) -> Pool:
        settings = self._settings
        return Pool(
            spec_for=lambda _, bearer: self._codex.spec(self._web.url, bearer),
            registry=Registry(settings.data_dir / "run"),
            redactor=self._redactor,
            options=PoolOptions(
                max_instances=settings.codex_max_instances,
                idle_timeout=settings.codex_idle_timeout,
                cleanup_interval=settings.codex_cleanup_interval,
                turn_timeout=settings.codex_turn_timeout,
            ),
            on_start=lambda bearer, character: self._bearers.admit(bearer, character.key),
            on_stop=self._bearers.revoke,
            call_tool=self._tools.functions.call,
        )

    def _make_client(self) -> TroupeClient:
        return TroupeClient(
            handlers=Handlers(
                on_utterance=self._on_utterance,
                on_edit=self._on_edit,
                on_delete=lambda room, messages: self._rooms.changes.deleted(room, messages),
                on_webhooks_update=self._on_webhooks_update,
                on_seen=lambda room, message, name: self._rooms.stage.saw(room, message, name),
                on_ready=self._on_ready,
                on_place_gone=self._on_place_gone,
                on_disconnect=lambda: self._rooms.catching_up.lost_touch(),
                on_resumed=lambda: self._rooms.catching_up.resumed(),
                on_guild_back=self._on_guild_back,
                on_preview=lambda said: self._rooms.hearing.enrich(said),
                on_rights_changed=lambda channels: self._rooms.stage.rights_changed(channels),
                on_person=lambda message: self._rooms.hear_person(message),
            ),
            tree_cls=MembersTree,
            set_up=self._add_cogs,
            sync_memory=RedisCommands(self._store),
            api_base=self._settings.discord_api_base,
            gateway_url=self._settings.discord_gateway_url,
            guild_ready_timeout=GUILD_SECONDS,
        )

    def _make_mind(self) -> CodexMind:
        options = self._codex.options
        return CodexMind(
            self._pool,
            prompt=instructions,
            tools_version=f"{self._tools.functions.version}.{PROMPT_VERSION}",
            work_dir=options.work_dir,
            model=options.model,
            effort=options.effort,
            profile_of=self._models.profile,
            ready=self._models.ready,
            functions=self._tools.functions.specs,
            mcp_servers=self._tools.names,
        )

    def _make_web_app(self) -> Starlette:
        return create_app(
            view=self._report.view,
            probes=self._vitals.probes(),
            metrics=self._metrics,
            mcp=self._tools.door,
            redact=self._redactor.cut,
            failed_turn=self._report.failed_turn,
            names=self._settings.known_names(),
        )

    async def _add_cogs(self, client: TroupeClient) -> None:
        casting = await commanding.add_cogs(
            client,
            rooms=self._rooms,
            pool=self._pool,
            report=self._report,
            vitals=self._vitals,
            models=self._models.tables,
            failed_turn=lambda: self._turn_health.last,
            guidelines=self._rules,
        )
        limits = opening.limits(self._settings).spending
        await newcomers.add_cogs(
            client, rooms=self._rooms, summon=casting.bring, store=self._store, limits=limits
        )
        # Logged in, so Discord can be written to: what was left unfinished need not wait for more.
        self._tasks.start("resume", self._take_up())

    # --- running ----------------------------------------------------------------------------

    async def run(self, lease: HostLease, stop: asyncio.Event) -> None:
        """Open the rest, connect, and stay until `stop` is set.

        Raises when Discord will not have us, and when another host has taken the lease.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._web)
            await stack.enter_async_context(self._pool)
            await stack.enter_async_context(self._api)
            await stack.enter_async_context(self._files)
            await stack.enter_async_context(self._tasks)
            await stack.enter_async_context(self._turns)
            await self._rooms.policies.load()
            await self._rooms.casting.load()
            await self._rooms.demeanours.load()
            await self._rooms.catching_up.load()
            self._models.want(self._library.all())
            self._tasks.start("models", self._models.look())
            self._watch("models again", MODELS_SECONDS, self._models.look)
            self._watch("characters", REFRESH_SECONDS, self._refresh)
            self._watch("redis", HEALTH_SECONDS, self._vitals.store.look)
            self._watch("unfinished", RESUME_SECONDS, self._rooms.taking_up.resume)
            self._watch("record", RECORD_SECONDS, self._rooms.keep_record)
            self._watch("gaps", GAP_SECONDS, self._rooms.catching_up.again)
            self._watch("silent threads", PRUNE_SECONDS, self._rooms.catching_up.prune)
            self._watch("places gone unseen", PRUNE_SECONDS, self._rooms.forgetting.look)
            connected = self._tasks.start("discord", self._connect())
            taken = self._tasks.start("lease", lease.keep())
            stopping = self._tasks.start("stop", stop.wait())
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait({connected, taken, stopping}, return_when=first)
            for ended in (connected, taken):
                if ended.done():
                    if (problem := ended.result()) is not None:
                        raise problem
                    return
            await self._say_farewell()

    async def _say_farewell(self) -> None:
        self._stopping = True
        log.info("asked to end: nothing new is taken, what is being said is finished")
        await self._rooms.director.finish(FAREWELL_SECONDS)
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._rooms.ledger.settle(SETTLE_SECONDS)
                await self._rooms.catching_up.write()
        # At once: a turn that is left waits for its app-server, which may not obey any more, and
        # for a write to Discord that is on its way.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await asyncio.gather(self._turns.close(), self._pool.close())

    async def _connect(self) -> TroupeError | None:
        """Stay connected; gives what makes going on pointless."""
        try:
            await running.run(self._client, self._settings.token())
        except TroupeError as error:
            return error
        return None

    def _watch(
        self, name: str, seconds: float, step: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        self._tasks.start(name, forever(seconds, step, name=name, passing=(StoreError,)))

    async def _refresh(self) -> None:
        if await self._library.refresh():
            log.info("the characters have changed")
            self._models.want(self._library.all())
        await self._faults.report(self._library.faults)

    # --- what others ask and tell -----------------------------------------------------------

    def _on_ready(self) -> None:
        if self._stopping:
            return  # Discord was quicker to say so than we to leave
        log.info("ready: %d rooms have a cast", len(self._rooms.casting.rooms()))
        if not self._client.reads_messages:
            log.warning("but no message can be read: %s", render(UNREAD))
        self._tasks.start("catch up", self._rooms.catching_up.read())

    def _on_utterance(self, utterance: Utterance, room: Room) -> None:
        self._rooms.unread.heard(room, utterance)
        self._rooms.director.hear(room, utterance)

    async def _take_up(self) -> None:
        try:
            await self._rooms.taking_up.resume()
        except StoreError as error:  # before gaps are read it is tried again
            log.warning("what was left unfinished is not known yet: %s", error)

    def _on_edit(self, utterance: Utterance, room: Room) -> None:
        self._rooms.changes.edited(utterance)
        self._rooms.director.amend(room, utterance)

    def _on_guild_back(self, guild_id: int) -> None:
        self._tasks.start("catch up", self._rooms.catching_up.read_guild(guild_id))

    def _on_place_gone(self, room_ids: Sequence[int]) -> None:
        self._tasks.start("places gone", self._rooms.forgetting.gone(room_ids))

    def _on_webhooks_update(self, channel_id: int) -> None:
        self._tasks.start("webhooks", self._rooms.stage.webhooks_changed(channel_id))

    def _on_outcome(self, outcome: Outcome) -> None:
        self._metrics.turn_ended(outcome.ending.value, outcome.seconds)
        if self._turn_health.ended(outcome):
            self._models.failed()
        self._rooms.director.spent(outcome.turn.room.id, outcome.tokens)
        if outcome.first_words is not None:
            self._metrics.first_words(outcome.first_words)
        if outcome.waited is not None:
            self._metrics.waited(outcome.waited)
        if outcome.recovered:
            self._metrics.recovered()

    def _find_scene(
        self, bearer: str, thread_id: str, codex_turn_id: str | None
    ) -> SceneForModel | None:
        seat, rooms = self._pool.seat_for(bearer, thread_id), self._rooms
        return scene_for_model(seat, rooms.scenes, rooms.deeds, self._rules.get, codex_turn_id)
