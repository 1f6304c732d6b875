"""Threads once they are there: joined, left, archived and woken. `openings` makes them."""

from __future__ import annotations

from sandbox.discord.world import errors, payloads
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Channel, Json
from sandbox.discord.world.state import State


def wake(state: State, channel: Channel) -> None:
    """Writing in an archived thread opens it again."""
    if channel.thread is not None and channel.thread.archived:
        set_archived(state, channel, archived=False)


def require_awake(channel: Channel) -> None:
    """50083 where a thread is archived: nothing in it can be changed (Discord's documentation of
    that code); only a new message opens it."""
    if channel.thread is not None and channel.thread.archived:
        raise errors.ApiError(400, 50083, "Thread is archived")


def set_archived(
    state: State, channel: Channel, *, archived: bool, locked: bool | None = None
) -> None:
    """Archive or reopen a thread; `locked` None leaves the lock."""
    assert channel.thread is not None
    channel.thread.archived = archived
    channel.thread.archive_timestamp = state.now()
    if locked is not None:
        channel.thread.locked = locked
    state.emit(Event("THREAD_UPDATE", payloads.channel(channel), channel.guild_id, channel.id))


def join(state: State, channel: Channel, user_id: int) -> None:
    """Make someone a member of a thread; nothing happens when it is one already."""
    assert channel.thread is not None
    if user_id in channel.thread.members:
        return
    channel.thread.members[user_id] = state.now()
    _tell_members(state, channel, added=user_id)


def leave(state: State, channel: Channel, user_id: int) -> None:
    """Take someone out of a thread."""
    assert channel.thread is not None
    if channel.thread.members.pop(user_id, None) is not None:
        _tell_members(state, channel, removed=user_id)


def _tell_members(
    state: State, channel: Channel, *, added: int | None = None, removed: int | None = None
) -> None:
    assert channel.thread is not None
    data: Json = {
        "id": str(channel.id),
        "guild_id": str(channel.guild_id),
        "member_count": len(channel.thread.members),
        "added_members": [] if added is None else [_added(state, channel, added)],
        "removed_member_ids": [] if removed is None else [str(removed)],
    }
    state.emit(Event("THREAD_MEMBERS_UPDATE", data, channel.guild_id, channel.id))


def _added(state: State, channel: Channel, user_id: int) -> Json:
    payload = payloads.thread_member(channel, user_id) | {"presence": None}
    guild = state.guild_of(channel)
    if guild is not None and user_id in guild.members:
        payload["member"] = payloads.member(guild.members[user_id])
    return payload
