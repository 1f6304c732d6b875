"""Events: what happened, and who may learn of it. Sending them is the gateway's part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.discord.world.model import Message


class Intent(IntFlag):
    """Gateway intents (Discord's bits)."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    GUILD_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_REACTIONS = 1 << 13
    DIRECT_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_POLLS = 1 << 24
    DIRECT_POLLS = 1 << 25


_GUILD_INTENTS = {
    "WEBHOOKS_UPDATE": Intent.GUILD_WEBHOOKS,
    "GUILD_MEMBER_ADD": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_UPDATE": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_REMOVE": Intent.GUILD_MEMBERS,
    "MESSAGE_CREATE": Intent.GUILD_MESSAGES,
    "MESSAGE_UPDATE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE_BULK": Intent.GUILD_MESSAGES,
    "MESSAGE_REACTION_ADD": Intent.GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE": Intent.GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE_ALL": Intent.GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE_EMOJI": Intent.GUILD_REACTIONS,
    "TYPING_START": Intent.GUILD_TYPING,
    "MESSAGE_POLL_VOTE_ADD": Intent.GUILD_POLLS,
    "MESSAGE_POLL_VOTE_REMOVE": Intent.GUILD_POLLS,
    "PRESENCE_UPDATE": Intent.GUILD_PRESENCES,
}
_ALWAYS = frozenset({"INTERACTION_CREATE", "USER_UPDATE"})


def intent_of(name: str, *, direct: bool) -> int:
    """The intent bit that event `name` needs; 0 when it comes to every bot."""
    if name in _ALWAYS:
        return 0
    bit = _GUILD_INTENTS.get(name, Intent.GUILDS)
    if not direct:
        return int(bit)
    if bit in (Intent.GUILD_MESSAGES, Intent.GUILD_REACTIONS, Intent.GUILD_TYPING):
        return int(bit) << 3
    return int(Intent.DIRECT_POLLS if bit is Intent.GUILD_POLLS else bit)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    `channel_id`: only those who can see that channel learn of it. `only`: nobody but these
    users. `message`: set for message events, whose text some bots may not read.
    """

    name: str
    data: dict[str, Any]
    guild_id: int | None = None
    channel_id: int | None = None
    only: frozenset[int] | None = None
    message: Message | None = None
