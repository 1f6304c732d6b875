"""The gateway client, with almost no cache, and the dispatch of its events to `Handlers`.

Each event is handled synchronously: discord.py runs every listener as a separate task, and tasks
finish out of order. Contains no reaction to any event.
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

# An update is an edit only if `edited_timestamp` is this recent: Discord sends it at once, or when
# a resumed connection replays events.
EDITED_LATELY: Final = timedelta(minutes=10)
# Other bots' deferred responses ("is thinking…") to remember; Discord allows them 15 minutes.
THINKING_KEPT: Final = 1_000


def intents(*, message_content: bool = True) -> discord.Intents:
    """Return the gateway intents to request."""
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
    """Callbacks for gateway events. Called synchronously, in gateway order; none may block."""

    on_utterance: Callable[[Utterance, Room], None]
    """A person, or another application's bot or webhook, sent a message."""
    on_edit: Callable[[Utterance, Room], None]
    """Such a message was edited; the utterance has the new text."""
    on_delete: Callable[[int, Sequence[int]], None]
    """Messages were deleted: (room id, message ids in ascending order)."""
    on_webhooks_update: Callable[[int], None]
    """The webhooks of a channel (its id) changed."""
    on_seen: Callable[[int, int, str], None]
    """A message was sent, possibly by us: (room id, message id, author's name)."""
    on_ready: Callable[[], None]
    """A new session started. Events since the last disconnect are missed."""
    on_place_gone: Callable[[Sequence[int]], None] = lambda _: None
    """Rooms (their ids) were deleted, or the bot was removed from their server."""
    on_disconnect: Callable[[], None] = lambda: None
    """The connection was lost; `on_resumed` or `on_ready` follows."""
    on_resumed: Callable[[], None] = lambda: None
    """The session was resumed. Discord has replayed all missed events."""
    on_guild_back: Callable[[int], None] = lambda _: None
    """A server (its id) is available again after an outage. Events of the outage are missed."""
    on_preview: Callable[[Utterance], None] = lambda _: None
    """Discord added a link preview to a message that nobody edited."""
    on_rights_changed: Callable[[Sequence[int]], None] = lambda _: None
    """The bot's permissions in these channels (their ids) may have changed."""
    on_person: Callable[[discord.Message], None] = lambda _: None
    """A person sent a message; in a server, its author is a member with roles."""


class TroupeClient(commands.AutoShardedBot):
    """discord.py's client. `set_up` adds the cogs and is awaited before the gateway connects.

    `set_up` is awaited again after each new login, because closing the client removes the cogs.
    `guild_ready_timeout` is how long in seconds discord.py waits for another guild before READY.
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
            # Characters live only in servers that invited the bot, and in its direct messages, so
            # the bot cannot be installed to a user account.
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
        # Number of READY events; resumed sessions send none.
        self.times_ready = 0
        # Name of each slash command → Discord's id, known after the sync.
        self.command_ids: Mapping[str, int] = {}
        # Ids of other bots' deferred responses that are not answered yet.
        self._thinking: Recent[int, None] = Recent(THINKING_KEPT)
        self._callbacks = handlers
        self._set_up = set_up
        self._sync_memory = sync_memory
        self._event_listeners: Final = self._make_listeners()
        global_limit.outlive_cancellation(self.http)
        point_rest_at(api_base)
        point_gateway_at(self, gateway_url, api_base)
        self._guard_parsers()

    def _make_listeners(self) -> dict[str, Callable[..., None]]:
        """Return discord.py's name of each event that we handle → its listener."""
        handlers = self._callbacks
        return {
            "message": self._on_message,
            "raw_message_edit": self._on_edit,
            "raw_message_delete": self._on_delete,
            "raw_bulk_message_delete": self._on_bulk_delete,
            "webhooks_update": self._on_webhooks_update,
            "guild_channel_delete": self._on_channel_delete,
            "raw_thread_delete": self._on_thread_delete,
            "guild_remove": self._on_guild_remove,
            "guild_available": lambda guild: handlers.on_guild_back(guild.id),
            "guild_channel_update": self._on_channel_update,
            "guild_role_update": self._on_role_update,
            "member_update": self._on_member_update,
        }

    @property
    def reads_messages(self) -> bool:
        """Whether the privileged MESSAGE CONTENT intent is on."""
        return self.intents.message_content

    def give_up_message_content(self) -> None:
        """Drop the privileged intent: then only mentions, commands and DMs carry text."""
        log.warning(
            "The MESSAGE CONTENT intent is off in Discord's developer portal (Bot → Privileged "
            "Gateway Intents). Going on without: only mentions, commands and DMs carry text."
        )
        # discord.py fixes the intents at construction; a new client would have to replace this one
        # everywhere.
        self._connection._intents.message_content = False  # noqa: SLF001 see above

    async def setup_hook(self) -> None:
        """Before the gateway connects, check the intent, add the cogs and sync the commands."""
        flags = self.application_flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        if not granted and self.reads_messages:
            self.give_up_message_content()
        await self._set_up(self)
        self.command_ids = await sync(self.tree, self._sync_memory)

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        """Handle our events synchronously; leave all others to discord.py."""
        listener = self._event_listeners.get(event_name)
        if listener is None:
            super().dispatch(event_name, *args, **kwargs)
        else:
            self._guarded(listener, event_name)(*args)
        if event_name == "ready":
            self.times_ready += 1
        handler = {
            "ready": self._callbacks.on_ready,
            "disconnect": self._callbacks.on_disconnect,
            "resumed": self._callbacks.on_resumed,
        }.get(event_name)
        if handler is not None:
            self._guarded(handler, event_name)()

    # --- events -----------------------------------------------------------------------------

    def _on_message(self, message: discord.Message) -> None:
        self.clock.saw(message.id)
        self._callbacks.on_seen(message.channel.id, message.id, message.author.display_name)
        if is_news(message):
            self._callbacks.on_utterance(news_of(message), room_of(message))
        elif self._is_ours(message):
            return
        elif message.flags.loading:
            self._thinking[message.id] = None
        elif is_talk(message):
            if not message.author.bot:
                self._callbacks.on_person(message)
            utterance = utterance_of(message, self._ourselves())
            self._callbacks.on_utterance(utterance, room_of(message))

    def _on_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        message = event.message
        # An update may lack the content, though discord.py's type requires it.
        data: Mapping[str, object] = event.data
        if "content" not in data or self._is_ours(message) or not is_talk(message):
            return
        utterance = utterance_of(message, self._ourselves())
        if message.id in self._thinking:
            # A deferred response is answered by an update without `edited_timestamp`: a new
            # utterance, not an edit.
            del self._thinking[message.id]
            answered = replace(utterance, settled=_next_position(message))
            self._callbacks.on_utterance(answered, room_of(message))
        elif self._is_edited(message):
            self._callbacks.on_edit(utterance, room_of(message))
        else:
            self._callbacks.on_preview(utterance)

    def _on_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._callbacks.on_delete(event.channel_id, (event.message_id,))

    def _on_bulk_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._callbacks.on_delete(event.channel_id, tuple(sorted(event.message_ids)))

    def _on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        self._callbacks.on_webhooks_update(channel.id)

    def _on_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        # discord.py dispatches `raw_thread_delete` for each Discord thread of the channel.
        self._callbacks.on_place_gone((channel.id,))

    def _on_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._callbacks.on_place_gone((event.thread_id,))

    def _on_guild_remove(self, guild: discord.Guild) -> None:
        channels = (*guild.channels, *guild.threads)
        self._callbacks.on_place_gone(tuple(channel.id for channel in channels))

    def _on_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        if before.overwrites != after.overwrites:
            self._callbacks.on_rights_changed((after.id,))

    def _on_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            self._callbacks.on_rights_changed(_channels(after.guild))

    def _on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        # Without the members intent, Discord sends updates of the bot's own member only.
        changed = before.roles != after.roles or before.timed_out_until != after.timed_out_until
        if after.id == self._own_id() and changed:
            self._callbacks.on_rights_changed(_channels(after.guild))

    def _is_edited(self, message: discord.Message) -> bool:
        """Return whether an update is an edit; pins, previews and Discord threads are not."""
        edited = message.edited_at
        return edited is not None and self.clock.is_within(edited, EDITED_LATELY)

    def _is_ours(self, message: discord.Message) -> bool:
        """Return whether our bot or a webhook of our application sent the message.

        Rooms get their own characters' messages from the turn, not from the gateway.
        """
        if message.webhook_id is not None:
            return message.application_id == self.application_id
        return message.author.id == self._own_id()

    def _ourselves(self) -> Ourselves:
        return Ourselves(self._own_id(), self.application_id)

    def _own_id(self) -> int:
        return self.user.id if self.user is not None else 0

    def _guard_parsers(self) -> None:
        """Drop an event that discord.py fails to parse, instead of losing the connection.

        An exception in a parser ends the shard's read loop and with it the client. discord.py has
        no hook for this.
        """
        parsers = self._connection.parsers
        for name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            parsers[name] = _with_mentions(parsers[name])
        for name, parse in list(parsers.items()):
            parsers[name] = self._guarded(parse, name)
        create = self._connection.create_message

        def create_message(*, channel: Any, data: Any) -> discord.Message:  # noqa: ANN401 discord.py's own
            return create(channel=channel, data=with_forwarded_mentions(data))

        # discord.py parses pages of history with this method.
        self._connection.create_message = create_message  # type: ignore[method-assign]

    @staticmethod
    def _guarded(call: Callable[..., object], event: str) -> Callable[..., None]:
        @functools.wraps(call)
        def guarded(*args: object) -> None:
            try:
                call(*args)
            except Exception:
                log.exception("cannot handle event %s", event)

        return guarded


def _with_mentions(parse: Callable[[Any], Any]) -> Callable[[Any], None]:
    def parse_completed(data: Mapping[str, Any]) -> None:
        parse(with_forwarded_mentions(data))

    return parse_completed


def _next_position(message: discord.Message) -> int:
    """Return a position after the channel's newest message and before its next message."""
    newest = getattr(message.channel, "last_message_id", None) or 0
    return int(max(message.id, newest)) + 1


def _channels(guild: discord.Guild) -> tuple[int, ...]:
    return tuple(channel.id for channel in guild.channels)
