"""What an identify must satisfy, and what READY tells. Close codes are Discord's."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.discord.gateway.session import Session
from sandbox.discord.world import World, channels, payloads
from sandbox.discord.world.events import Intent
from sandbox.discord.world.model import Application, Json, User

AUTHENTICATION_FAILED = 4004
INVALID_SHARD = 4010
SHARDING_REQUIRED = 4011
INVALID_INTENTS = 4013
DISALLOWED_INTENTS = 4014

_KNOWN_INTENTS = (1 << 26) - 1
_GUILDS_PER_SHARD = 2500


@dataclass(frozen=True, slots=True)
class RefusedError(Exception):
    """The connection is to be closed with `code`."""

    code: int


def caller(world: World, token: object) -> User:
    """The account of a gateway token, with or without `Bot `; 4004 for a wrong one."""
    user = world.tokens.get(str(token).removeprefix("Bot "))
    if user is None:
        raise RefusedError(AUTHENTICATION_FAILED)
    return user


def intents(world: World, user: User, asked: object) -> int:
    """The intents of a session; people see everything. 4013 unknown, 4014 not switched on."""
    application = world.application_of(user)
    if application is None:
        return _KNOWN_INTENTS
    if not isinstance(asked, int) or asked < 0 or asked > _KNOWN_INTENTS:
        raise RefusedError(INVALID_INTENTS)
    if asked & _forbidden(application):
        raise RefusedError(DISALLOWED_INTENTS)
    return asked


def _forbidden(application: Application) -> int:
    bits = 0
    if not application.message_content:
        bits |= Intent.MESSAGE_CONTENT
    if not application.members:
        bits |= Intent.GUILD_MEMBERS
    if not application.presences:
        bits |= Intent.GUILD_PRESENCES
    return bits


def shard(world: World, user: User, asked: list[int] | None) -> tuple[int, int]:
    """(number, count); 4010 for an impossible one, 4011 when one shard cannot hold the guilds."""
    number, count = (0, 1) if asked is None else (int(asked[0]), int(asked[1]))
    if not 0 <= number < count:
        raise RefusedError(INVALID_SHARD)
    inside = sum(1 for guild in world.guilds.values() if user.id in guild.members)
    if user.bot and inside > _GUILDS_PER_SHARD * count:
        raise RefusedError(SHARDING_REQUIRED)
    return number, count


def ready(world: World, session: Session, resume_url: str) -> Json:
    """READY: a bot's guilds come later, one by one; a person gets them whole at once."""
    user = session.user
    mine = [one for one in world.guilds.values() if user.id in one.members]
    told: Json = {
        "v": 10,
        "user": payloads.own_user(user),
        "user_settings": {},
        "session_type": "normal",
        "session_id": session.id,
        "resume_gateway_url": resume_url,
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
    }
    application = world.application_of(user)
    if application is None:
        return told | {
            "guilds": [
                payloads.guild_create(world, one, user.id, all_members=True) for one in mine
            ],
            "private_channels": private_channels(world, user),
            "users": [],
        }
    return told | {
        "guilds": [
            {"id": str(one.id), "unavailable": True} for one in mine if session.owns(one.id)
        ],
        "private_channels": [],
        "application": {"id": str(application.id), "flags": application.flags},
        "shard": list(session.shard),
    }


def private_channels(world: World, user: User) -> list[Json]:
    """A person's direct messages."""
    return [
        channels.direct_payload(one, user.id)
        for one in world.channels.values()
        if one.guild_id is None and any(each.id == user.id for each in one.recipients)
    ]
