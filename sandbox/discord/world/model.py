"""The things of this Discord as plain values with ids. Their rules and wire form live elsewhere."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

Json = dict[str, Any]


class ChannelType(IntEnum):
    """Kinds of channels (Discord's numbers)."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16


THREADS = frozenset({10, 11, 12})
FORUMS = frozenset({15, 16})
TALKABLE = frozenset({0, 1, 2, 5, 10, 11, 12, 13})
WEBHOOKABLE = frozenset({0, 2, 5, 13, 15, 16})


class MessageFlag(IntEnum):
    """Bits of `Message.flags` that have rules here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


def new_token(owner_id: int) -> str:
    """A token in the shape of Discord's: the owner's id in base64, then randomness."""
    head = base64.urlsafe_b64encode(str(owner_id).encode()).decode().rstrip("=")
    return f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(27)}"


@dataclass(slots=True)
class User:
    """An account; also the face that a webhook message wears. `token` is a secret."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    avatar: str | None = None
    discriminator: str = "0"
    token: str = field(default="", repr=False)

    @property
    def mention(self) -> str:
        """The text that mentions this account."""
        return f"<@{self.id}>"


@dataclass(slots=True)
class Command:
    """An application command; `fields` is its body as registered."""

    id: int
    application_id: int
    guild_id: int | None
    fields: Json
    version: int

    @property
    def key(self) -> tuple[str, int]:
        """Name and kind: unique in a scope."""
        return str(self.fields["name"]), int(self.fields.get("type", 1))


@dataclass(slots=True)
class Application:
    """A bot's application. The three switches are its privileged intents in the portal."""

    id: int
    name: str
    user: User
    owner: User
    message_content: bool = True
    members: bool = True
    presences: bool = False
    public: bool = True
    description: str = ""
    commands: dict[int, Command] = field(default_factory=dict)
    emojis: list[int] = field(default_factory=list)
    command_permissions: dict[int, dict[int, list[Json]]] = field(default_factory=dict)
    """By guild and by command (the application's own id: for all): who may use them, as set under
    *Integrations*. Kept and told; it bars nobody here."""

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.user.token

    @property
    def flags(self) -> int:
        """Application flags: the "limited" bits, as for any bot in fewer than 100 guilds."""
        return self.presences << 13 | self.members << 15 | self.message_content << 19


@dataclass(slots=True)
class Role:
    """A role. The one whose id is the guild's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 1
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies to a role (`kind` 0) or a member (1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Member:
    """An account in a guild."""

    user: User
    joined_at: str
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: float | None = None

    @property
    def timed_out(self) -> bool:
        """Whether a moderator has silenced this member for now."""
        return self.timed_out_until is not None and self.timed_out_until > time.time()


@dataclass(slots=True)
class Guild:
    """A guild with its roles, members, channels and threads by id."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    icon: str | None = None
    locale: str = "en-US"
    system_channel_id: int | None = None
    emojis: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class ThreadState:
    """What only threads have."""

    owner_id: int
    auto_archive: int = 1440
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    archive_timestamp: str = ""
    create_timestamp: str = ""
    sent: int = 0
    members: dict[int, str] = field(default_factory=dict)
    applied_tags: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """A channel, thread or DM, with its messages by id, oldest first."""

    id: int
    type: ChannelType
    name: str
    guild_id: int | None = None
    position: int = 0
    parent_id: int | None = None
    topic: str | None = None
    nsfw: bool = False
    slowmode: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    thread: ThreadState | None = None
    available_tags: list[Json] = field(default_factory=list)
    last_message_id: int | None = None
    flags: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    pins: dict[int, str] = field(default_factory=dict)

    @property
    def mention(self) -> str:
        """The text that links to this channel."""
        return f"<#{self.id}>"


@dataclass(slots=True)
class Attachment:
    """An uploaded file."""

    id: int
    channel_id: int
    filename: str
    content_type: str
    data: bytes = field(repr=False)
    description: str | None = None
    ephemeral: bool = False
    duration_secs: float | None = None
    waveform: str | None = None


@dataclass(slots=True)
class Reaction:
    """One emoji on a message and who put it there, first come first."""

    emoji: Json
    users: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Poll:
    """A poll of a message: answers by number from 1, and who voted for each."""

    question: Json
    answers: dict[int, Json]
    expiry: str
    many: bool
    layout: int
    votes: dict[int, dict[int, None]]
    ended: bool = False


@dataclass(slots=True)
class Message:
    """A message. `mentions`, `mention_roles` and `mention_everyone` are whom it would ping."""

    id: int
    channel_id: int
    author: User
    content: str
    timestamp: str
    guild_id: int | None = None
    type: int = 0
    edited_timestamp: str | None = None
    tts: bool = False
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reactions: dict[str, Reaction] = field(default_factory=dict)
    flags: int = 0
    nonce: str | int | None = None
    pinned: bool = False
    webhook_id: int | None = None
    application_id: int | None = None
    reference: Json | None = None
    interaction: Json | None = None
    thread_id: int | None = None
    only_for: int | None = None
    poll: Poll | None = None
    stickers: list[Json] = field(default_factory=list)
    snapshots: list[Json] = field(default_factory=list)

    @property
    def pings(self) -> bool:
        """Whether anybody at all would be notified by name."""
        return bool(self.mentions or self.mention_roles or self.mention_everyone)


@dataclass(slots=True)
class Webhook:
    """A webhook of a channel. `token` is a secret."""

    id: int
    guild_id: int
    channel_id: int
    name: str
    user: User
    token: str = field(repr=False)
    avatar: str | None = None
    application_id: int | None = None


@dataclass(slots=True)
class Upload:
    """A file of a request, before it became an attachment."""

    index: int
    filename: str
    content_type: str
    data: bytes = field(repr=False)
