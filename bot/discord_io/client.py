"""The gateway client, as lean as it gets, and the way of its events to our handlers.

Each event is handed on before anything is awaited: discord.py runs every listener as a task of its
own, and those finish out of order. Owns no answer to any event.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io import global_limit, old_edits
from bot.discord_io.command_sync import SyncMemory, sync
from bot.discord_io.endpoints import point_gateway_at, point_rest_at
from bot.discord_io.excerpts import with_forwarded_mentions
from bot.discord_io.gateway_clock import GatewayClock
from bot.discord_io.intake import is_news, is_talk, news_of, room_of, utterance_of
from bot.discord_io.ourselves import Ourselves
from bot.discord_io.recent import Recent
from bot.domain.room import Room
from bot.domain.utterance import Utterance

log = logging.getLogger(__name__)

# A message's update comes at once, or with what a resumed connection replays.
EDITED_LATELY: Final = timedelta(minutes=10)
# Bots' "is thinking…" that wait for their answer: Discord lets them for a quarter of an hour.
THINKING_KEPT: Final = 1_000


def intents(*, message_content: bool = True) -> discord.Intents:
    """What the gateway is asked for."""
    return discord.Intents(
        guilds=True,
        emojis_and_stickers=True,
        guild_messages=True,
        dm_messages=True,
        guild_reactions=True,
        dm_reactions=True,
        webhooks=True,
        message_content=message_content,
    )


@dataclass(frozen=True, slots=True)
class Handlers:
    """Who hears what. All are called at once, in the order of the gateway; none may block.

    `on_seen` hears of every message (room, message, author's name), our own too; `on_utterance`
    of those of people and of others' bots and webhooks, `on_edit` of how they read from then on.
    `on_place_gone` hears of the rooms that were deleted, or that the bot was removed from with
    their server. After `on_disconnect` comes either `on_resumed`, with all that was missed
    replayed, or `on_ready`, with a gap. A server that Discord could not show for a while comes
    back by `on_guild_back`, with a gap of its own.
    """

    on_utterance: Callable[[Utterance, Room], None]
    on_edit: Callable[[Utterance, Room], None]
    on_delete: Callable[[int, Sequence[int]], None]
    on_webhooks_update: Callable[[int], None]
    on_seen: Callable[[int, int, str], None]
    on_ready: Callable[[], None]
    on_place_gone: Callable[[Sequence[int]], None] = lambda _: None
    on_disconnect: Callable[[], None] = lambda: None
    on_resumed: Callable[[], None] = lambda: None
    on_guild_back: Callable[[int], None] = lambda _: None
    on_preview: Callable[[Utterance], None] = lambda _: None
    """A message shows more than before, though nobody edited it: what is behind its link."""
    on_rights_changed: Callable[[Sequence[int]], None] = lambda _: None
    """The bot may do more or less than before in these channels."""
    on_person: Callable[[discord.Message], None] = lambda _: None
    """A person wrote this; Discord tells with it what roles they have."""


class TroupeClient(commands.AutoShardedBot):
    """discord.py's client. `set_up` is awaited before the gateway: it adds the cogs.

    After a fresh login it is awaited again: closing takes the cogs away. `guild_ready_timeout` is
    how long discord.py waits for one more guild before it says that it is ready, in seconds.
    """

    def __init__(
        self,
        *,
        handlers: Handlers,
        set_up: Callable[[TroupeClient], Awaitable[None]],
        sync_memory: SyncMemory,
        api_base: str,
        gateway_url: str | None = None,
        message_content: bool = True,
        guild_ready_timeout: float = 2.0,
        tree_cls: type[app_commands.CommandTree[Any]] = app_commands.CommandTree,
    ) -> None:
        self.clock = GatewayClock()
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=tree_cls,
            # Characters live in servers that invited the bot, and in its direct messages: an
            # account that brings it along into other places finds nobody there.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=False
            ),
            intents=intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=guild_ready_timeout,
            http_trace=self.clock.watch(old_edits.watch()),
        )
        # How often a connection got as far as READY, resumed ones not counted.
        self.times_ready = 0
        # Discord's ids of the slash commands by name, once it was told them.
        self.command_ids: Mapping[str, int] = {}
        self._thinking: Recent[int, None] = Recent(THINKING_KEPT)
        self._heard_by = handlers
        self._set_up = set_up
        self._sync_memory = sync_memory
        self._takers: Final = self._make_takers()
        global_limit.outlive_cancellation(self.http)
        point_rest_at(api_base)
        point_gateway_at(self, gateway_url, api_base)
        self._guard_parsers()

    def _make_takers(self) -> dict[str, Callable[..., None]]:
        """Return who takes which event of the gateway, by discord.py's name for it."""
        handlers = self._heard_by
        return {
            "message": self._take_message,
            "raw_message_edit": self._take_edit,
            "raw_message_delete": self._take_delete,
            "raw_bulk_message_delete": self._take_deletes,
            "webhooks_update": self._take_webhooks_update,
            "guild_channel_delete": self._take_channel_delete,
            "raw_thread_delete": self._take_thread_delete,
            "guild_remove": self._take_guild_remove,
            "guild_available": lambda guild: handlers.on_guild_back(guild.id),
            "guild_channel_update": self._take_channel_update,
            "guild_role_update": self._take_role_update,
            "member_update": self._take_member_update,
        }

    @property
    def reads_messages(self) -> bool:
        """Whether the text of messages comes with them (the privileged intent)."""
        return self.intents.message_content

    def give_up_message_content(self) -> None:
        """Go on without the privileged intent: only mentions of the bot carry text then."""
        log.warning(
            "The MESSAGE CONTENT intent is off in Discord's developer portal (Bot → Privileged "
            "Gateway Intents). Going on without: only mentions, commands and DMs carry text."
        )
        # discord.py fixes intents at construction, which would mean another client for all.
        self._connection._intents.message_content = False  # noqa: SLF001 see above

    async def setup_hook(self) -> None:
        """Before the gateway: what the application may have, the cogs, the commands."""
        flags = self.application_flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        if not granted and self.reads_messages:
            self.give_up_message_content()
        await self._set_up(self)
        self.command_ids = await sync(self.tree, self._sync_memory)

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        """An event from the gateway: ours are taken right here, the others go discord.py's way."""
        taker = self._takers.get(event_name)
        if taker is None:
            super().dispatch(event_name, *args, **kwargs)
        else:
            self._guarded(taker, event_name)(*args)
        if event_name == "ready":
            self.times_ready += 1
        told = {
            "ready": self._heard_by.on_ready,
            "disconnect": self._heard_by.on_disconnect,
            "resumed": self._heard_by.on_resumed,
        }.get(event_name)
        if told is not None:
            self._guarded(told, event_name)()

    # --- events -----------------------------------------------------------------------------

    def _take_message(self, message: discord.Message) -> None:
        self.clock.saw(message.id)
        self._heard_by.on_seen(message.channel.id, message.id, message.author.display_name)
        if is_news(message):
            self._heard_by.on_utterance(news_of(message), room_of(message))
        elif self._is_ours(message):
            return
        elif message.flags.loading:
            self._thinking[message.id] = None
        elif is_talk(message):
            if not message.author.bot:
                self._heard_by.on_person(message)
            utterance = utterance_of(message, self._ourselves())
            self._heard_by.on_utterance(utterance, room_of(message))

    def _take_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        message = event.message
        # An update may lack the content; discord.py types it as a must.
        data: Mapping[str, object] = event.data
        if "content" not in data or self._is_ours(message) or not is_talk(message):
            return
        utterance = utterance_of(message, self._ourselves())
        if message.id in self._thinking:
            # Its answer is no edit (`edited_timestamp` stays null), and is said only now.
            del self._thinking[message.id]
            now_said = replace(utterance, settled=_next_place(message))
            self._heard_by.on_utterance(now_said, room_of(message))
        elif self._is_edited(message):
            self._heard_by.on_edit(utterance, room_of(message))
        else:
            self._heard_by.on_preview(utterance)

    def _take_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._heard_by.on_delete(event.channel_id, (event.message_id,))

    def _take_deletes(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._heard_by.on_delete(event.channel_id, tuple(sorted(event.message_ids)))

    def _take_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        self._heard_by.on_webhooks_update(channel.id)

    def _take_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        # Of its threads discord.py tells by itself, one by one.
        self._heard_by.on_place_gone((channel.id,))

    def _take_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._heard_by.on_place_gone((event.thread_id,))

    def _take_guild_remove(self, guild: discord.Guild) -> None:
        places = (*guild.channels, *guild.threads)
        self._heard_by.on_place_gone(tuple(place.id for place in places))

    def _take_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        if before.overwrites != after.overwrites:
            self._heard_by.on_rights_changed((after.id,))

    def _take_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            self._heard_by.on_rights_changed(_channels(after.guild))

    def _take_member_update(self, before: discord.Member, after: discord.Member) -> None:
        # Of members Discord tells the bot its own, without the members intent.
        changed = before.roles != after.roles or before.timed_out_until != after.timed_out_until
        if after.id == self._own_id() and changed:
            self._heard_by.on_rights_changed(_channels(after.guild))

    def _is_edited(self, message: discord.Message) -> bool:
        """Whether an update is an edit: pins, previews and threads of a message update it too."""
        edited = message.edited_at
        return edited is not None and self.clock.is_within(edited, EDITED_LATELY)

    def _is_ours(self, message: discord.Message) -> bool:
        """By our bot, or by a webhook of our application: rooms hear those from the turn itself."""
        if message.webhook_id is not None:
            return message.application_id == self.application_id
        return message.author.id == self._own_id()

    def _ourselves(self) -> Ourselves:
        return Ourselves(self._own_id(), self.application_id)

    def _own_id(self) -> int:
        return self.user.id if self.user is not None else 0

    def _guard_parsers(self) -> None:
        """Let an event that discord.py cannot read cost that event, not the connection.

        An exception in a parser ends the shard's reader and the client with it; there is no hook.
        """
        parsers = self._connection.parsers
        for name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            parsers[name] = _after_mentions(parsers[name])
        for name, parse in list(parsers.items()):
            parsers[name] = self._guarded(parse, name)
        create = self._connection.create_message

        def create_message(*, channel: Any, data: Any) -> discord.Message:  # noqa: ANN401 discord.py's own
            return create(channel=channel, data=with_forwarded_mentions(data))

        # Pages of history become messages here.
        self._connection.create_message = create_message  # type: ignore[method-assign]

    @staticmethod
    def _guarded(call: Callable[..., object], event: str) -> Callable[..., None]:
        @functools.wraps(call)
        def guarded(*args: object) -> None:
            try:
                call(*args)
            except Exception:
                log.exception("an event could not be taken: %s", event)

        return guarded


def _after_mentions(parse: Callable[[Any], Any]) -> Callable[[Any], None]:
    def parse_completed(data: Mapping[str, Any]) -> None:
        parse(with_forwarded_mentions(data))

    return parse_completed


def _next_place(message: discord.Message) -> int:
    """A place in the talk behind all that its channel shows, and before what comes next."""
    newest = getattr(message.channel, "last_message_id", None) or 0
    return int(max(message.id, newest)) + 1


def _channels(guild: discord.Guild) -> tuple[int, ...]:
    return tuple(channel.id for channel in guild.channels)
