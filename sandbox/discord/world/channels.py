"""Channels: made, changed, deleted, their overwrites, and direct messages."""

from __future__ import annotations

from sandbox.discord.world import errors, payloads, threads
from sandbox.discord.world.bodies import check_name
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import (
    Channel,
    ChannelType,
    Guild,
    Json,
    Overwrite,
    User,
)
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State


def create(state: State, guild: Guild, fields: Json, own_id: int | None = None) -> Channel:
    """Make a channel in a guild from the fields of a REST body."""
    channel = Channel(
        id=own_id or state.ids.next(),
        type=ChannelType(int(fields.get("type") or 0)),
        name=check_name("name", fields.get("name")),
        guild_id=guild.id,
        position=int(fields.get("position") or len(guild.channels)),
        parent_id=_id(fields.get("parent_id")),
        topic=fields.get("topic"),
        nsfw=bool(fields.get("nsfw")),
        slowmode=int(fields.get("rate_limit_per_user") or 0),
    )
    set_overwrites(channel, fields.get("permission_overwrites") or [])
    _set_tags(state, channel, fields)
    state.channels[channel.id] = guild.channels[channel.id] = channel
    state.emit(Event("CHANNEL_CREATE", payloads.channel(channel), guild.id, channel.id))
    return channel


def edit(state: State, channel: Channel, fields: Json) -> None:
    """Change a channel or thread by the fields of a REST body."""
    if fields.get("name") is not None:
        channel.name = check_name("name", fields["name"])
    for key, attribute in (("topic", "topic"), ("nsfw", "nsfw"), ("position", "position")):
        if key in fields:
            setattr(channel, attribute, fields[key])
    if "rate_limit_per_user" in fields:
        channel.slowmode = int(fields["rate_limit_per_user"] or 0)
    if channel.thread is not None:
        _edit_thread(state, channel, fields)
        return
    if "parent_id" in fields:
        channel.parent_id = _id(fields["parent_id"])
    if fields.get("permission_overwrites") is not None:
        channel.overwrites.clear()
        set_overwrites(channel, fields["permission_overwrites"])
    _set_tags(state, channel, fields)
    announce(state, channel)


def _edit_thread(state: State, channel: Channel, fields: Json) -> None:
    thread = channel.thread
    assert thread is not None
    if "auto_archive_duration" in fields:
        thread.auto_archive = int(fields["auto_archive_duration"])
    if fields.get("applied_tags") is not None:
        thread.applied_tags = [int(each) for each in fields["applied_tags"]]
    threads.set_archived(
        state,
        channel,
        archived=bool(fields.get("archived", thread.archived)),
        locked=fields.get("locked"),
    )


def _set_tags(state: State, channel: Channel, fields: Json) -> None:
    if fields.get("available_tags") is None:
        return
    channel.available_tags = [
        {"moderated": False, "emoji_id": None, "emoji_name": None}
        | tag
        | {"id": str(tag.get("id") or state.ids.next())}
        for tag in fields["available_tags"]
    ]


def set_overwrites(channel: Channel, raw: list[Json]) -> None:
    """Set permission overwrites as a REST body gives them."""
    for one in raw:
        made = Overwrite(
            int(one["id"]), int(one["type"]), int(one.get("allow") or 0), int(one.get("deny") or 0)
        )
        channel.overwrites[made.id] = made


def announce(state: State, channel: Channel) -> None:
    """Tell everyone in the guild how the channel is now, also those who just lost sight of it."""
    seen_by_all = None if channel.thread is None else channel.id
    name = "CHANNEL_UPDATE" if channel.thread is None else "THREAD_UPDATE"
    state.emit(Event(name, payloads.channel(channel), channel.guild_id, seen_by_all))


def delete(state: State, channel: Channel) -> None:
    """Delete a channel or thread, with its threads and webhooks."""
    guild = state.guild_of(channel)
    if guild is None:
        return
    if channel.thread is not None:
        data: Json = {
            "id": str(channel.id),
            "guild_id": str(guild.id),
            "parent_id": str(channel.parent_id),
            "type": int(channel.type),
        }
        state.emit(Event("THREAD_DELETE", data, guild.id, channel.id))
        guild.threads.pop(channel.id, None)
        state.channels.pop(channel.id, None)
        return
    for thread in [one for one in guild.threads.values() if one.parent_id == channel.id]:
        guild.threads.pop(thread.id, None)
        state.channels.pop(thread.id, None)
    for hook in [one for one in state.webhooks.values() if one.channel_id == channel.id]:
        del state.webhooks[hook.id]
    state.emit(Event("CHANNEL_DELETE", payloads.channel(channel), guild.id, channel.id))
    guild.channels.pop(channel.id, None)
    state.channels.pop(channel.id, None)


def require_manage(state: State, user: User, channel: Channel, fields: Json) -> None:
    """Whether `user` may change the channel so: a thread's owner may archive and rename it."""
    if channel.thread is None:
        state.require(user.id, channel, Permission.MANAGE_CHANNELS)
        if "permission_overwrites" in fields:
            state.require(user.id, channel, Permission.MANAGE_ROLES)
        return
    bits = state.require(user.id, channel)
    owner = channel.thread.owner_id == user.id and "locked" not in fields
    if not owner and not bits & Permission.MANAGE_THREADS:
        raise errors.missing_permissions()


def direct(state: State, one: User, other: User) -> Channel:
    """The DM between two accounts; the same one each time."""
    pair = {one.id, other.id}
    for channel in state.channels.values():
        if channel.type is ChannelType.DM and {each.id for each in channel.recipients} == pair:
            return channel
    channel = Channel(state.ids.next(), ChannelType.DM, "", recipients=[one, other])
    state.channels[channel.id] = channel
    for viewer in (one, other):
        only = frozenset({viewer.id})
        state.emit(Event("CHANNEL_CREATE", direct_payload(channel, viewer.id), only=only))
    return channel


def direct_payload(channel: Channel, viewer: int) -> Json:
    """A DM as one side sees it: with the other side as its recipient."""
    payload = payloads.channel(channel)
    payload["recipients"] = [
        payloads.user(each) for each in channel.recipients if each.id != viewer
    ]
    return payload


def _id(raw: object) -> int | None:
    return None if raw is None else int(str(raw))
