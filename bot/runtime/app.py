"""The composition root: opens every resource in one `async with`, and passes it on by keyword.

    store ─ library ─ codex ─ web ─ pool ─ discord: opened in this order, closed in reverse.

Owns the order of startup and shutdown, and nothing that happens in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from starlette.applications import Starlette

from bot.characters.library import Library
from bot.characters.prompt import PROMPT_VERSION, instructions
from bot.characters.told import ToldFaults
from bot.codex.mind import CodexMind, ThreadDefaults, Tools
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
from bot.log import Redactor
from bot.messages.failures import UNREAD
from bot.messages.rendering import render
from bot.rooms.runs.turn_results import Outcome
from bot.rooms.turns.limits import Limits
from bot.rooms.turns.turn_health import TurnHealth
from bot.runtime import bootstrap, commands, newcomers
from bot.runtime.adapters import TurnForTools, Vitals, turn_for_tools
from bot.runtime.commands import BotParts
from bot.runtime.fault_reports import FaultReports
from bot.runtime.reports import Reporting
from bot.runtime.wiring import Host, House, Sides, assemble
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

# Intervals of the periodic tasks: reading changed character files, …
REFRESH_SECONDS = 2.0
# … probing models again, …
MODELS_SECONDS = 15.0
# … probing Redis, …
HEALTH_SECONDS = 5.0
# … resuming unfinished turns, …
RESUME_SECONDS = 60.0
# … retrying missed ranges that could not be read, …
GAP_SECONDS = 2.0
# … writing the record, …
RECORD_SECONDS = 2.0
# … and dropping the state of silent Discord threads and deleted channels.
PRUNE_SECONDS = 3_600.0
# After a login: wait this long for each further guild before the backfill starts.
GUILD_SECONDS = 0.5
# At shutdown: running answers may finish for this long; …
FAREWELL_SECONDS = 4.0
# … then their record may take this long, should the store be away; …
SETTLE_SECONDS = 1.0
# … then the rest is cut off, which takes this long if an app-server hangs. The next start resumes
# the turns.
CLOSING_SECONDS = 2.7


async def serve(
    settings: Settings, environment: Mapping[str, str], redactor: Redactor, stop: asyncio.Event
) -> None:
    """Run the bot until `stop` is set. Raises `TroupeError` when it cannot start or go on."""
    async with AsyncExitStack() as stack:
        async with unless(stop):  # waiting for the store can take forever
            bootstrap.data_folder(settings)
            library = Library(settings.characters_dir)
            library.load()
            codex = await bootstrap.codex(settings, environment)
            store = await bootstrap.store(settings, stack)
            lease = await stack.enter_async_context(HostLease(store, settings.token()))
        if stop.is_set():
            log.info("asked to stop before the start was complete")
            return
        bot = Bot(settings=settings, redactor=redactor, library=library, codex=codex, store=store)
        await bot.run(lease, stop)


class Bot:
    """The wired bot. `run` opens and closes all resources."""

    def __init__(
        self,
        *,
        settings: Settings,
        redactor: Redactor,
        library: Library,
        codex: bootstrap.Codex,
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
        self._models = bootstrap.models(settings, codex.options, codex.profiles, self._tasks)
        self._turn_health = TurnHealth()
        self._tools = ToolsInside(self._find_running_turn, self._bearers, host=settings.http_host)
        self._pool = self._make_pool()
        self._client = self._make_client()
        watch = bootstrap.watch(settings, store)
        self._vitals = Vitals(
            client=self._client, pool=self._pool, store=watch, turns=self._turn_health
        )
        self._api = WebhookApi(settings.discord_api_base)
        self._files = Attachments(
            api_base=settings.discord_api_base, renew=BotApi(self._client).files_of
        )
        self._house = self._make_house(bootstrap.limits(settings))
        self._rooms, self._state = self._house.rooms, self._house.rooms.state
        self._discord = self._house.discord
        self._report = self._make_report()
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
                on_seen=lambda room, message, name: self._discord.stage.saw(room, message, name),
                on_ready=self._on_ready,
                on_place_gone=self._on_place_gone,
                on_disconnect=lambda: self._rooms.backfill.lost_touch(),
                on_resumed=lambda: self._rooms.backfill.resumed(),
                on_guild_back=self._on_guild_back,
                on_preview=lambda said: self._rooms.message_log.enrich(said),
                on_rights_changed=lambda channels: self._discord.stage.rights_changed(channels),
                on_person=lambda message: self._discord.hear_person(message),
            ),
            tree_cls=MembersTree,
            set_up=self._add_cogs,
            sync_memory=RedisCommands(self._store),
            api_base=self._settings.discord_api_base,
            gateway_url=self._settings.discord_gateway_url,
            guild_ready_timeout=GUILD_SECONDS,
        )

    def _make_house(self, limits: Limits) -> House:
        sides = Sides(
            client=self._client,
            api=self._api,
            store=self._store,
            library=self._library,
            pool=self._pool,
            mind=self._make_mind(),
            files=self._files,
        )
        host = Host(
            tasks=self._tasks,
            turns=self._turns,
            limits=limits,
            answer_seconds=self._settings.codex_answer_timeout,
            on_outcome=self._on_outcome,
        )
        return assemble(sides, host)

    def _make_report(self) -> Reporting:
        return Reporting(
            client=self._client,
            library=self._library,
            models=self._models,
            vitals=self._vitals,
            pool=self._pool,
            codex_version=self._codex.installed.version,
            casting=self._state.casting,
        )

    def _make_mind(self) -> CodexMind:
        options = self._codex.options
        return CodexMind(
            self._pool,
            prompt=instructions,
            tools=Tools(
                version=f"{self._tools.functions.version}.{PROMPT_VERSION}",
                functions=tuple(self._tools.functions.specs),
                mcp_servers=tuple(self._tools.names),
            ),
            defaults=ThreadDefaults(options.work_dir, options.model, options.effort),
            profile_of=self._models.profile,
            ready=self._models.ready,
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
        casting = await commands.add_cogs(
            client,
            house=self._house,
            parts=BotParts(
                pool=self._pool,
                report=self._report,
                vitals=self._vitals,
                models=self._models.tables,
                guidelines=self._rules,
            ),
        )
        limits = bootstrap.limits(self._settings).spending
        await newcomers.add_cogs(
            client, house=self._house, summon=casting.bring, store=self._store, limits=limits
        )
        # Logged in, so the bot can write to Discord: resume unfinished turns now, before READY.
        self._tasks.start("resume", self._resume_turns())

    # --- running ----------------------------------------------------------------------------

    async def run(self, lease: HostLease, stop: asyncio.Event) -> None:
        """Open the remaining resources, connect, and run until `stop` is set.

        Raises when Discord rejects the bot, and when another host takes the lease.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._web)
            await stack.enter_async_context(self._pool)
            await stack.enter_async_context(self._api)
            await stack.enter_async_context(self._files)
            await stack.enter_async_context(self._tasks)
            await stack.enter_async_context(self._turns)
            await self._house.ledger.load()
            await self._state.load()
            self._models.want(self._library.all())
            self._tasks.start("models", self._models.look())
            self._watch("models again", MODELS_SECONDS, self._models.look)
            self._watch("characters", REFRESH_SECONDS, self._refresh)
            self._watch("redis", HEALTH_SECONDS, self._vitals.store.look)
            self._watch("unfinished", RESUME_SECONDS, self._rooms.crash_recovery.resume)
            self._watch("record", RECORD_SECONDS, self._house.keep_record)
            self._watch("gaps", GAP_SECONDS, self._rooms.backfill.again)
            self._watch("silent threads", PRUNE_SECONDS, self._rooms.backfill.prune)
            self._watch("places gone unseen", PRUNE_SECONDS, self._rooms.cleanup.look)
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
            await self._shut_down()

    async def _shut_down(self) -> None:
        self._stopping = True
        log.info("shutting down: no new turns are taken, running answers are finished")
        await self._rooms.dispatcher.finish(FAREWELL_SECONDS)
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._house.ledger.settle(SETTLE_SECONDS)
                await self._state.offsets.write()
        # Together: a remaining turn may wait for an app-server that hangs, or for a pending write
        # to Discord.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await asyncio.gather(self._turns.close(), self._pool.close())

    async def _connect(self) -> TroupeError | None:
        """Stay connected; return the error that makes a reconnect pointless."""
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

    # --- callbacks --------------------------------------------------------------------------

    def _on_ready(self) -> None:
        if self._stopping:
            return  # READY arrived during the shutdown
        log.info("ready: %d rooms have a cast", len(self._state.casting.rooms()))
        if not self._client.reads_messages:
            log.warning("the bot cannot read messages: %s", render(UNREAD))
        self._tasks.start("catch up", self._rooms.backfill.read())

    def _on_utterance(self, utterance: Utterance, room: Room) -> None:
        self._rooms.unread.heard(room, utterance)
        self._rooms.dispatcher.hear(room, utterance)

    async def _resume_turns(self) -> None:
        try:
            await self._rooms.crash_recovery.resume()
        except StoreError as error:  # the backfill tries again first
            log.warning("cannot read the unfinished turns yet: %s", error)

    def _on_edit(self, utterance: Utterance, room: Room) -> None:
        self._rooms.changes.edited(utterance)
        self._rooms.dispatcher.amend(room, utterance)

    def _on_guild_back(self, guild_id: int) -> None:
        self._tasks.start("catch up", self._rooms.backfill.read_guild(guild_id))

    def _on_place_gone(self, room_ids: Sequence[int]) -> None:
        self._tasks.start("places gone", self._rooms.cleanup.gone(room_ids))

    def _on_webhooks_update(self, channel_id: int) -> None:
        self._tasks.start("webhooks", self._discord.stage.webhooks_changed(channel_id))

    def _on_outcome(self, outcome: Outcome) -> None:
        self._metrics.turn_ended(outcome.ending.value, outcome.seconds)
        if self._turn_health.ended(outcome):
            self._models.failed()
        if outcome.first_words is not None:
            self._metrics.first_words(outcome.first_words)
        if outcome.waited is not None:
            self._metrics.waited(outcome.waited)
        if outcome.recovered:
            self._metrics.recovered()

    def _find_running_turn(
        self, bearer: str, thread_id: str, codex_turn_id: str | None
    ) -> TurnForTools | None:
        seat, rooms = self._pool.seat_for(bearer, thread_id), self._rooms
        return turn_for_tools(
            seat, rooms.running_turns, rooms.actions, self._rules.get, codex_turn_id
        )
