"""How threads and forum posts begin, with the notices that Discord writes itself."""

from __future__ import annotations

from sandbox.discord.world import errors, messages, payloads
from sandbox.discord.world.bodies import Draft, check_name
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import (
    FORUMS,
    Channel,
    ChannelType,
    Json,
    Message,
    MessageFlag,
    ThreadState,
    User,
)
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

_STARTER = 21
_CREATED = 18


def start(
    state: State,
    owner: User,
    parent: Channel,
    fields: Json,
    *,
    source: Message | None = None,
) -> Channel:
    """Open a thread in `parent`, from a message (then it takes that message's id) or without."""
    private = source is None and fields.get("type") == ChannelType.PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    state.require(owner.id, parent, needed)
    if parent.type not in (0, 5):
        raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
    if source is not None and source.thread_id is not None:
        raise errors.ApiError(400, 160004, "A thread has already been created for this message")
    kind = _kind(parent, private=private)
    thread = _make(
        state, owner, parent, fields, kind=kind, own_id=None if source is None else source.id
    )
    _introduce(state, owner, parent, thread, source)
    return thread


def start_post(
    state: State, owner: User, forum: Channel, fields: Json, draft: Draft
) -> tuple[Channel, Message]:
    """A person or bot opens a forum post with its first message, which takes the post's id."""
    state.require(owner.id, forum, Permission.SEND_MESSAGES)
    post = make_post(state, owner, forum, fields)
    return post, messages.post(state, owner, post, draft, own_id=post.id)


def make_post(state: State, owner: User, forum: Channel, fields: Json) -> Channel:
    """A forum post without its first message, which must be written next."""
    if forum.type not in FORUMS:
        raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
    return _make(state, owner, forum, fields, kind=ChannelType.PUBLIC_THREAD)


def _kind(parent: Channel, *, private: bool) -> ChannelType:
    if parent.type is ChannelType.ANNOUNCEMENT:
        return ChannelType.ANNOUNCEMENT_THREAD
    return ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD


def _make(
    state: State,
    owner: User,
    parent: Channel,
    fields: Json,
    *,
    kind: ChannelType,
    own_id: int | None = None,
) -> Channel:
    now = state.now()
    thread = Channel(
        id=own_id or state.ids.next(),
        type=kind,
        name=check_name("name", fields.get("name")),
        guild_id=parent.guild_id,
        parent_id=parent.id,
        slowmode=int(fields.get("rate_limit_per_user") or 0),
        thread=ThreadState(
            owner_id=owner.id,
            auto_archive=int(fields.get("auto_archive_duration") or 1440),
            invitable=fields.get("invitable") is not False,
            archive_timestamp=now,
            create_timestamp=now,
            applied_tags=[int(each) for each in fields.get("applied_tags") or []],
        ),
    )
    guild = state.guild_of(parent)
    assert guild is not None
    assert thread.thread is not None
    state.channels[thread.id] = guild.threads[thread.id] = thread
    if owner.id in guild.members:
        thread.thread.members[owner.id] = now
    data = payloads.channel(thread) | {"newly_created": True}
    state.emit(Event("THREAD_CREATE", data, thread.guild_id, thread.id))
    return thread


def _introduce(
    state: State, owner: User, parent: Channel, thread: Channel, source: Message | None
) -> None:
    """The system message that Discord writes: in the thread for one made from a message, in the
    parent for any other public one."""
    reference = {"channel_id": str(parent.id), "guild_id": str(parent.guild_id)}
    if source is not None:
        source.thread_id = thread.id
        source.flags |= MessageFlag.HAS_THREAD
        messages.announce_edit(state, parent, source)
        reference["message_id"] = str(source.id)
        messages.publish(
            state, thread, _system(state, owner, thread, "", kind=_STARTER, reference=reference)
        )
    elif thread.type is ChannelType.PUBLIC_THREAD:
        reference = {"channel_id": str(thread.id), "guild_id": str(parent.guild_id)}
        notice = _system(state, owner, parent, thread.name, kind=_CREATED, reference=reference)
        messages.publish(state, parent, notice)


def _system(
    state: State, author: User, where: Channel, text: str, *, kind: int, reference: Json
) -> Message:
    return Message(
        id=state.ids.next(),
        channel_id=where.id,
        author=author,
        content=text,
        timestamp=state.now(),
        guild_id=where.guild_id,
        type=kind,
        reference=reference,
    )
