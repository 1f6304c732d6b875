"""The wire form of each thing: what REST answers and the gateway sends. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.world.model import (
    Channel,
    Command,
    Guild,
    Json,
    Member,
    Overwrite,
    Role,
    User,
    Webhook,
)
from sandbox.discord.world.permissions import Permission, in_guild
from sandbox.discord.world.snowflake import iso

if TYPE_CHECKING:
    from sandbox.discord.world.model import Application
    from sandbox.discord.world.state import State


def user(one: User) -> Json:
    """A user as others see it."""
    return {
        "id": str(one.id),
        "username": one.username,
        "discriminator": one.discriminator,
        "global_name": one.global_name,
        "avatar": one.avatar,
        "bot": one.bot,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
    }


def own_user(one: User) -> Json:
    """A user as it sees itself."""
    return user(one) | {"mfa_enabled": False, "verified": True, "locale": "en-US", "email": None}


def member(one: Member, *, with_user: bool = True) -> Json:
    """A guild member."""
    until = one.timed_out_until
    payload: Json = {
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in one.roles],
        "joined_at": one.joined_at,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None if until is None else iso(until),
    }
    if with_user:
        payload["user"] = user(one.user)
    return payload


def role(one: Role) -> Json:
    """A role."""
    payload: Json = {
        "id": str(one.id),
        "name": one.name,
        "description": None,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": one.color,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "hoist": one.hoist,
        "icon": None,
        "unicode_emoji": None,
        "managed": one.bot_id is not None,
        "mentionable": one.mentionable,
        "flags": 0,
    }
    if one.bot_id is not None:
        payload["tags"] = {"bot_id": str(one.bot_id)}
    return payload


def overwrite(one: Overwrite) -> Json:
    """A channel's permission overwrite."""
    return {"id": str(one.id), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)}


def channel(one: Channel) -> Json:
    """A channel, thread or DM."""
    payload: Json = {
        "id": str(one.id),
        "type": int(one.type),
        "last_message_id": _text(one.last_message_id),
        "flags": one.flags,
    }
    if one.guild_id is None:
        payload["recipients"] = [user(person) for person in one.recipients]
        return payload
    payload |= {
        "guild_id": str(one.guild_id),
        "name": one.name,
        "parent_id": _text(one.parent_id),
        "rate_limit_per_user": one.slowmode,
        "last_pin_timestamp": next(reversed(one.pins.values()), None),
    }
    return payload | (_guild_channel(one) if one.thread is None else thread_fields(one))


def _guild_channel(one: Channel) -> Json:
    payload: Json = {
        "position": one.position,
        "topic": one.topic,
        "nsfw": one.nsfw,
        "permission_overwrites": [overwrite(each) for each in one.overwrites.values()],
    }
    if one.type in (2, 13):
        payload |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if one.type in (15, 16):
        payload |= {
            "available_tags": one.available_tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
            "default_thread_rate_limit_per_user": 0,
        }
    return payload


def thread_fields(one: Channel) -> Json:
    """What only threads carry."""
    state = one.thread
    assert state is not None
    metadata: Json = {
        "archived": state.archived,
        "auto_archive_duration": state.auto_archive,
        "archive_timestamp": state.archive_timestamp,
        "locked": state.locked,
        "create_timestamp": state.create_timestamp,
    }
    if one.type == 12:
        metadata["invitable"] = state.invitable
    return {
        "owner_id": str(state.owner_id),
        "thread_metadata": metadata,
        "message_count": len(one.messages),
        "total_message_sent": state.sent,
        "member_count": min(len(state.members), 50),
        "applied_tags": [str(tag) for tag in state.applied_tags],
    }


def thread_member(one: Channel, user_id: int) -> Json:
    """Someone's membership of a thread."""
    assert one.thread is not None
    joined = one.thread.members[user_id]
    return {"id": str(one.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def guild(one: Guild) -> Json:
    """A guild as REST gives it."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": one.icon,
        "banner": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "owner_id": str(one.owner_id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role(each) for each in one.roles.values()],
        "emojis": one.emojis,
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": _text(one.system_channel_id),
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "max_members": 500000,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": one.locale,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
    }


def guild_create(state: State, one: Guild, viewer: int, *, all_members: bool) -> Json:
    """A guild as the gateway gives it to `viewer`; without `all_members`, only the viewer's own.

    Bots are told of every channel, people of those that they see, as Discord does.
    """
    bot = state.users[viewer].bot
    members = one.members.values() if all_members else [one.members[viewer]]
    return guild(one) | {
        "joined_at": one.members[viewer].joined_at,
        "large": len(one.members) > 250,
        "unavailable": False,
        "member_count": len(one.members),
        "members": [member(each) for each in members],
        "channels": [
            channel(each) for each in one.channels.values() if bot or state.can_see(viewer, each)
        ],
        "threads": [
            _own_thread(each, viewer)
            for each in one.threads.values()
            if each.thread and not each.thread.archived and state.can_see(viewer, each)
        ],
        "presences": [
            state.presences[each] | {"user": {"id": str(each)}, "client_status": {}}
            for each in one.members
            if each in state.presences
        ],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _own_thread(one: Channel, viewer: int) -> Json:
    payload = channel(one)
    if one.thread is not None and viewer in one.thread.members:
        payload["member"] = thread_member(one, viewer)
    return payload


def webhook(one: Webhook, *, token: bool) -> Json:
    """A webhook, with its `token` for those who may have it."""
    payload: Json = {
        "id": str(one.id),
        "type": 1,
        "guild_id": str(one.guild_id),
        "channel_id": str(one.channel_id),
        "name": one.name,
        "avatar": one.avatar,
        "application_id": _text(one.application_id),
        "user": user(one.user),
    }
    if token:
        payload["token"] = one.token
        payload["url"] = f"https://discord.com/api/webhooks/{one.id}/{one.token}"
    return payload


def application(one: Application) -> Json:
    """An application as its own bot sees it."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "description": one.description,
        "summary": "",
        "type": None,
        "bot": user(one.user),
        "bot_public": one.public,
        "bot_require_code_grant": False,
        "verify_key": f"{one.id:064x}",
        "owner": user(one.owner),
        "team": None,
        "flags": one.flags,
        "hook": True,
        "is_monetized": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}},
        "rpc_origins": [],
        "approximate_guild_count": 0,
    }


def command(one: Command) -> Json:
    """An application command as registered, with Discord's own fields."""
    fields = one.fields
    payload: Json = {
        "id": str(one.id),
        "application_id": str(one.application_id),
        "version": str(one.version),
        "type": fields.get("type", 1),
        "name": fields["name"],
        "name_localizations": fields.get("name_localizations"),
        "description": fields.get("description") or "",
        "description_localizations": fields.get("description_localizations"),
        "default_member_permissions": _text(fields.get("default_member_permissions")),
        "nsfw": bool(fields.get("nsfw", False)),
        "integration_types": fields.get("integration_types") or [0],
        "contexts": fields.get("contexts"),
    }
    if fields.get("options"):
        payload["options"] = fields["options"]
    if one.guild_id is not None:
        payload["guild_id"] = str(one.guild_id)
    else:
        payload["dm_permission"] = fields.get("dm_permission") is not False
    return payload


def member_with_permissions(state: State, one: Member, where: Channel) -> Json:
    """A member in an interaction: with what it may do in that channel."""
    return member(one) | {"permissions": str(state.permissions(one.user.id, where))}


def partial_guild(one: Guild, viewer: Member) -> Json:
    """A guild in the list of one's own."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": one.icon,
        "banner": None,
        "owner": one.owner_id == viewer.user.id,
        "permissions": str(in_guild(one, viewer)),
        "features": [],
    }


def token_visible(one: Webhook, viewer: User, bits: int) -> bool:
    """Whether `viewer` gets the token: an application's webhook shows it to that bot only."""
    if one.application_id is not None:
        return viewer.id == one.application_id
    return bool(bits & Permission.MANAGE_WEBHOOKS)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
