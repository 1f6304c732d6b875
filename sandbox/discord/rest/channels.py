"""Routes of channels: themselves, overwrites, typing, threads."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call, Reply
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import (
    bodies,
    channels,
    errors,
    marks,
    message_payloads,
    openings,
    payloads,
    threads,
)
from sandbox.discord.world.model import FORUMS, Channel, Json
from sandbox.discord.world.permissions import Permission

routes = Routes()


@routes.get("/channels/{channel_id}")
def one(call: Call) -> object:
    """A channel, thread or DM."""
    channel = call.channel()
    if channel.guild_id is None:
        return channels.direct_payload(channel, call.user.id)
    return payloads.channel(channel)


@routes.patch("/channels/{channel_id}")
def edit(call: Call) -> object:
    """Change a channel or thread."""
    channel = call.channel()
    channels.require_manage(call.world, call.user, channel, call.fields)
    channels.edit(call.world, channel, call.fields)
    return payloads.channel(channel)


@routes.delete("/channels/{channel_id}")
def delete(call: Call) -> object:
    """Delete a channel or thread."""
    channel = call.channel()
    needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
    call.world.require(call.user.id, channel, needed)
    shown = payloads.channel(channel)
    channels.delete(call.world, channel)
    return shown


@routes.put("/channels/{channel_id}/permissions/{overwrite_id}")
def set_overwrite(call: Call) -> object:
    """Set a permission overwrite."""
    channel = call.channel()
    call.world.require(call.user.id, channel, Permission.MANAGE_ROLES)
    channels.set_overwrites(channel, [call.fields | {"id": call.id("overwrite_id")}])
    channels.announce(call.world, channel)
    return EMPTY


@routes.delete("/channels/{channel_id}/permissions/{overwrite_id}")
def delete_overwrite(call: Call) -> object:
    """Take a permission overwrite away."""
    channel = call.channel()
    call.world.require(call.user.id, channel, Permission.MANAGE_ROLES)
    if channel.overwrites.pop(call.id("overwrite_id"), None) is None:
        raise errors.unknown("Permission overwrite")
    channels.announce(call.world, channel)
    return EMPTY


@routes.post("/channels/{channel_id}/typing")
def typing(call: Call) -> object:
    """Show that the caller types."""
    marks.type_in(call.world, call.user, call.channel())
    return EMPTY


@routes.post("/channels/{channel_id}/threads")
def start_thread(call: Call) -> object:
    """Open a thread, or a forum post with its first message."""
    channel = call.channel()
    if channel.type not in FORUMS:
        thread = openings.start(call.world, call.user, channel, call.fields)
        return Reply(201, payloads.channel(thread))
    draft = bodies.draft(call.fields.get("message") or {}, call.files)
    post, message = openings.start_post(call.world, call.user, channel, call.fields, draft)
    shown = message_payloads.message(call.world, message, call.user.id)
    return Reply(201, payloads.channel(post) | {"message": shown})


@routes.post("/channels/{channel_id}/messages/{message_id}/threads")
def start_thread_from(call: Call) -> object:
    """Open a thread from a message."""
    channel = call.channel()
    source = call.world.message(channel, call.id("message_id"))
    thread = openings.start(call.world, call.user, channel, call.fields, source=source)
    return Reply(201, payloads.channel(thread))


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if channel.thread is None:
        raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
    return channel


@routes.get("/channels/{channel_id}/thread-members")
def thread_members(call: Call) -> object:
    """Who is in a thread."""
    thread = _thread(call)
    assert thread.thread is not None
    return [payloads.thread_member(thread, each) for each in thread.thread.members]


@routes.get("/channels/{channel_id}/thread-members/{user_id}")
def one_thread_member(call: Call) -> object:
    """Someone's membership of a thread."""
    thread = _thread(call)
    assert thread.thread is not None
    if call.id("user_id") not in thread.thread.members:
        raise errors.unknown("Member")
    return payloads.thread_member(thread, call.id("user_id"))


@routes.put("/channels/{channel_id}/thread-members/@me")
def join_thread(call: Call) -> object:
    """Enter a thread."""
    threads.join(call.world, _thread(call), call.user.id)
    return EMPTY


@routes.delete("/channels/{channel_id}/thread-members/@me")
def leave_thread(call: Call) -> object:
    """Leave a thread."""
    threads.leave(call.world, _thread(call), call.user.id)
    return EMPTY


@routes.put("/channels/{channel_id}/thread-members/{user_id}")
def add_to_thread(call: Call) -> object:
    """Take someone into a thread."""
    threads.join(call.world, _thread(call), call.id("user_id"))
    return EMPTY


@routes.delete("/channels/{channel_id}/thread-members/{user_id}")
def remove_from_thread(call: Call) -> object:
    """Put someone out of a thread."""
    thread = _thread(call)
    call.world.require(call.user.id, thread, Permission.MANAGE_THREADS)
    threads.leave(call.world, thread, call.id("user_id"))
    return EMPTY


@routes.get("/channels/{channel_id}/threads/archived/public")
def archived_public(call: Call) -> object:
    """Archived public threads, the one archived last first."""
    return _archived(call, private=False)


@routes.get("/channels/{channel_id}/threads/archived/private")
def archived_private(call: Call) -> object:
    """Archived private threads, the one archived last first."""
    return _archived(call, private=True)


def _archived(call: Call, *, private: bool) -> Json:
    channel = call.channel()
    call.world.require(call.user.id, channel, Permission.READ_MESSAGE_HISTORY)
    guild = call.world.guild_of(channel)
    found = [
        each
        for each in (guild.threads.values() if guild else ())
        if each.parent_id == channel.id and each.thread and each.thread.archived
        if (each.type == 12) is private
    ]
    found.sort(key=lambda each: each.thread.archive_timestamp if each.thread else "", reverse=True)
    limit = call.limit(50, 100)
    shown = [payloads.channel(each) for each in found[:limit]]
    return {"threads": shown, "members": [], "has_more": len(found) > limit}
