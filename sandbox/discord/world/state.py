"""All state of the world, its look-ups, and the telling of events. Owns no rule of Discord's
but who may see what; the modules beside it change the state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord.world import errors
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import (
    Application,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    User,
    Webhook,
)
from sandbox.discord.world.permissions import EVERYTHING, IN_DM, Permission, in_channel, in_guild
from sandbox.discord.world.snowflake import Snowflakes, iso

if TYPE_CHECKING:
    from sandbox.discord.world.interaction import Interaction, Modal


@dataclass(slots=True)
class Picture:
    """An avatar: its bytes, or the address that it was given by."""

    data: bytes = field(default=b"", repr=False)
    content_type: str = "image/png"
    address: str = ""


class State:
    """Everything there is, by id.

    `clock` gives Unix seconds. `later(seconds, what)` runs `what` then; the server sets it to the
    loop's, without it nothing that needs time to pass happens by itself.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.cdn = ""
        self.users: dict[int, User] = {}
        self.tokens: dict[str, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.pictures: dict[str, Picture] = {}
        # Applications' emojis: name, and the picture's key.
        self.emojis: dict[int, tuple[str, str]] = {}
        self.attachments: dict[int, Attachment] = {}
        self.interactions: dict[str, Interaction] = {}
        self.modals: dict[int, Modal] = {}
        self.hidden: dict[int, Message] = {}
        # What each bot last said of itself: status and activities.
        self.presences: dict[int, Json] = {}
        self.nonces: dict[tuple[int, int, str], int] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self.later: Callable[[float, Callable[[], Any]], object] = lambda _seconds, _what: None

    def now(self) -> str:
        """The time as Discord writes it."""
        return iso(self.clock())

    def emit(self, event: Event) -> None:
        """Tell every listener, at once and in order."""
        for listener in tuple(self.listeners):
            listener(event)

    def guild(self, guild_id: int) -> Guild:
        """The guild, or 10004."""
        guild = self.guilds.get(guild_id)
        if guild is None:
            raise errors.unknown("Guild")
        return guild

    def channel(self, channel_id: int) -> Channel:
        """The channel, thread or DM, or 10003."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise errors.unknown("Channel")
        return channel

    def message(self, channel: Channel, message_id: int) -> Message:
        """The message in that very channel, or 10008."""
        message = channel.messages.get(message_id)
        if message is None:
            raise errors.unknown("Message")
        return message

    def member(self, guild: Guild, user_id: int) -> Member:
        """The member, or 10007."""
        member = guild.members.get(user_id)
        if member is None:
            raise errors.unknown("Member")
        return member

    def guild_of(self, channel: Channel) -> Guild | None:
        """The guild of a channel; None for a DM."""
        return None if channel.guild_id is None else self.guilds.get(channel.guild_id)

    def parent_of(self, channel: Channel) -> Channel:
        """A thread's parent; any other channel itself."""
        if channel.thread is None or channel.parent_id is None:
            return channel
        return self.channel(channel.parent_id)

    def permissions(self, user_id: int, channel: Channel) -> int:
        """What a user may do there: 0 for those who cannot even see it."""
        guild = self.guild_of(channel)
        if guild is None:
            return IN_DM if any(one.id == user_id for one in channel.recipients) else 0
        member = guild.members.get(user_id)
        if member is None:
            return 0
        bits = in_channel(guild, member, self.parent_of(channel))
        if channel.type is ChannelType.PRIVATE_THREAD and bits != EVERYTHING:
            inside = channel.thread is not None and user_id in channel.thread.members
            return bits if inside or bits & Permission.MANAGE_THREADS else 0
        return bits

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Whether a user sees the channel at all."""
        return bool(self.permissions(user_id, channel) & Permission.VIEW_CHANNEL)

    def require(self, user_id: int, channel: Channel, *needed: Permission) -> int:
        """The user's permissions there; 50001 if it is hidden, 50013 if one of `needed` lacks."""
        bits = self.permissions(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        if any(not bits & one for one in needed):
            raise errors.missing_permissions()
        return bits

    def require_in_guild(self, user_id: int, guild: Guild, *needed: Permission) -> Member:
        """The member; 50001 for strangers, 50013 if one of `needed` lacks."""
        member = guild.members.get(user_id)
        if member is None:
            raise errors.missing_access()
        bits = in_guild(guild, member)
        if any(not bits & one for one in needed):
            raise errors.missing_permissions()
        return member

    def application_of(self, user: User) -> Application | None:
        """The application whose bot this is; None for people."""
        return self.applications.get(user.id) if user.bot else None
