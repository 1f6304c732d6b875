"""Messages: written, edited, deleted and read. What they may hold is checked in `bodies`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from sandbox.discord.world import errors, forwards, message_payloads, polls, threads
from sandbox.discord.world.bodies import Draft
from sandbox.discord.world.events import Event
from sandbox.discord.world.mentions import Pings, pings, text_of
from sandbox.discord.world.model import (
    TALKABLE,
    Attachment,
    Channel,
    Json,
    Message,
    MessageFlag,
    Upload,
    User,
    Webhook,
)
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

REPLY = 19
_FILES_MAX = 10


def post(
    state: State, author: User, channel: Channel, draft: Draft, *, own_id: int | None = None
) -> Message:
    """`author` writes in `channel`; a repeated enforced nonce gives the first message again.

    `own_id` is for the first message of a forum post, which has the post's id.
    """
    bits = _require_speech(state, author, channel, draft)
    earlier = _same_nonce(state, author, channel, draft)
    if earlier is not None:
        return earlier
    is_forward = forwards.is_forward(draft.reference)
    replied = None if is_forward else _replied(channel, draft.reference)
    message = Message(
        id=own_id or state.ids.next(),
        channel_id=channel.id,
        author=author,
        content=draft.content or "",
        timestamp=state.now(),
        guild_id=channel.guild_id,
        type=0 if replied is None else REPLY,
        tts=draft.tts,
        nonce=draft.nonce,
        reference=None if replied is None else _reference(channel, replied),
        application_id=author.id if author.bot else None,
    )
    if is_forward and draft.reference is not None:
        message.reference = draft.reference
        message.snapshots = forwards.snapshots(state, author, draft.reference)
        message.flags |= MessageFlag.HAS_SNAPSHOT
    everyone = bool(bits & Permission.MENTION_EVERYONE)
    fill(state, message, draft, may_ping_all=everyone, replied_to=_author_id(replied))
    if not bits & Permission.EMBED_LINKS and channel.guild_id is not None:
        message.embeds = []
    publish(state, channel, message)
    if draft.nonce is not None:
        state.nonces[channel.id, author.id, str(draft.nonce)] = message.id
    return message


def post_as_webhook(
    state: State,
    hook: Webhook,
    channel: Channel,
    draft: Draft,
    face: User,
    *,
    own_id: int | None = None,
) -> Message:
    """A webhook writes in its channel or in a thread of it, wearing `face`."""
    if channel.type not in TALKABLE:
        raise errors.ApiError(
            400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id"
        )
    message = Message(
        id=own_id or state.ids.next(),
        channel_id=channel.id,
        author=face,
        content=draft.content or "",
        timestamp=state.now(),
        guild_id=channel.guild_id,
        tts=draft.tts,
        webhook_id=hook.id,
        application_id=hook.application_id,
    )
    fill(state, message, draft, may_ping_all=True)
    publish(state, channel, message)
    return message


def publish(state: State, channel: Channel, message: Message) -> None:
    """Put a finished message into its channel and tell those who see it."""
    threads.wake(state, channel)
    channel.messages[message.id] = message
    channel.last_message_id = message.id
    if message.poll is not None:
        seconds = polls.seconds_left(state, message.poll)
        state.later(seconds, lambda: end_poll(state, message))
    if channel.thread is not None:
        channel.thread.sent += 1
        if message.webhook_id is None:
            threads.join(state, channel, message.author.id)
    data = message_payloads.message_event(state, message)
    state.emit(Event("MESSAGE_CREATE", data, message.guild_id, channel.id, message=message))


def edit(
    state: State, message: Message, draft: Draft, *, may_ping_all: bool, silent: bool = False
) -> Message:
    """Change a message. Who is mentioned is worked out anew, as Discord does; nobody is notified.

    `silent` leaves `edited_timestamp` alone (a "thinking…" that becomes its answer).
    """
    channel = state.channel(message.channel_id)
    if message.poll is not None and draft.content is not None:
        raise errors.ApiError(400, 520003, "Cannot edit a poll message")
    replied_to = _replied_author(state, message)
    fill(state, message, draft, may_ping_all=may_ping_all, replied_to=replied_to)
    empty = not (message.content or message.embeds or message.attachments or message.components)
    if empty:
        raise errors.empty_message()
    if not silent:
        message.edited_timestamp = state.now()
    announce_edit(state, channel, message)
    return message


def end_poll(state: State, message: Message) -> None:
    """Close a poll and write Discord's notice of how it ended (type 46); twice is as once."""
    channel = state.channels.get(message.channel_id)
    if message.poll is None or message.poll.ended or channel is None:
        return
    message.poll.ended = True
    message.poll.expiry = state.now()
    if message.id not in channel.messages:
        return
    announce_edit(state, channel, message)
    notice = Message(
        id=state.ids.next(),
        channel_id=channel.id,
        author=message.author,
        content="",
        timestamp=state.now(),
        guild_id=channel.guild_id,
        type=polls.RESULT,
        webhook_id=message.webhook_id,
        application_id=message.application_id,
        embeds=[polls.result_embed(message.poll)],
        reference=_reference(channel, message),
    )
    publish(state, channel, notice)


def announce_edit(state: State, channel: Channel, message: Message) -> None:
    """Tell those who see it that a message changed."""
    only = None if message.only_for is None else frozenset({message.only_for})
    data = message_payloads.message_event(state, message)
    state.emit(Event("MESSAGE_UPDATE", data, message.guild_id, channel.id, only, message))


def edit_by(state: State, user: User, message: Message, draft: Draft) -> Message:
    """`user` edits: its own message wholly; another's, only the flag that hides embeds."""
    channel = state.channel(message.channel_id)
    bits = state.require(user.id, channel)
    threads.require_awake(channel)
    if message.author.id != user.id:
        if not bits & Permission.MANAGE_MESSAGES or draft.content is not None:
            raise errors.ApiError(403, 50005, "Cannot edit a message authored by another user")
        message.flags = message.flags & ~4 | (draft.flags or 0) & 4
        announce_edit(state, channel, message)
        return message
    return edit(state, message, draft, may_ping_all=bool(bits & Permission.MENTION_EVERYONE))


def delete(state: State, message: Message) -> None:
    """Remove a message and tell those who saw it."""
    data: Json = {"id": str(message.id), "channel_id": str(message.channel_id)}
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    only = None
    if message.only_for is not None:
        only = frozenset({message.only_for})
        state.hidden.pop(message.id, None)
    else:
        channel = state.channel(message.channel_id)
        channel.messages.pop(message.id, None)
        channel.pins.pop(message.id, None)
    place = message.guild_id, message.channel_id
    state.emit(Event("MESSAGE_DELETE", data, *place, only, message))


def delete_by(state: State, user: User, message: Message) -> None:
    """`user` deletes its own message, or any with MANAGE_MESSAGES."""
    channel = state.channel(message.channel_id)
    needed = () if message.author.id == user.id else (Permission.MANAGE_MESSAGES,)
    state.require(user.id, channel, *needed)
    delete(state, message)


def delete_many(state: State, user: User, channel: Channel, ids: list[int]) -> None:
    """Bulk delete: 2–100 ids, none older than two weeks."""
    state.require(user.id, channel, Permission.MANAGE_MESSAGES)
    if not 2 <= len(ids) <= 100:
        raise errors.bad_length("messages", 2, 100)
    oldest = int(state.clock() * 1000) - 1_420_070_400_000 - 14 * 86_400_000
    if any(each >> 22 < oldest for each in ids):
        raise errors.ApiError(
            400, 50034, "You can only bulk delete messages that are under 14 days old."
        )
    gone = [each for each in ids if channel.messages.pop(each, None)]
    for each in gone:
        channel.pins.pop(each, None)
    data = {
        "ids": [str(each) for each in gone],
        "channel_id": str(channel.id),
        "guild_id": str(channel.guild_id),
    }
    state.emit(Event("MESSAGE_DELETE_BULK", data, channel.guild_id, channel.id))


def history(
    channel: Channel,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
) -> list[Message]:
    """A page of messages, newest first, as Discord orders it."""
    ids = list(channel.messages)
    if around is not None:
        middle = bisect_left(ids, around)
        low = max(0, middle - limit // 2)
        picked = ids[low : low + limit]
    elif after is not None:
        low = bisect_right(ids, after)
        picked = ids[low : low + limit]
    else:
        high = len(ids) if before is None else bisect_left(ids, before)
        picked = ids[max(0, high - limit) : high]
    return [channel.messages[each] for each in reversed(picked)]


def fill(
    state: State,
    message: Message,
    draft: Draft,
    *,
    may_ping_all: bool,
    replied_to: int | None = None,
) -> None:
    """Put a draft's parts into a message; parts that it leaves out stay."""
    if draft.content is not None:
        message.content = draft.content
    if draft.embeds is not None:
        message.embeds = draft.embeds
    if draft.components is not None:
        message.components = draft.components
    if draft.flags is not None:
        message.flags |= draft.flags & ~MessageFlag.EPHEMERAL
    if draft.poll is not None:
        polls.begin(state, message, draft.poll)
    _attach(state, message, draft)
    found = _pings(state, message, draft, may_ping_all=may_ping_all, replied_to=replied_to)
    message.mentions = found.users
    message.mention_roles = found.roles
    message.mention_everyone = found.everyone


def _pings(
    state: State, message: Message, draft: Draft, *, may_ping_all: bool, replied_to: int | None
) -> Pings:
    channel = state.channel(message.channel_id)
    return pings(
        text_of(message.content, message.components),
        draft.allowed,
        guild=state.guild_of(channel),
        channel=channel,
        may_ping_all=may_ping_all,
        replied_to=replied_to if replied_to in state.users else None,
    )


def _attach(state: State, message: Message, draft: Draft) -> None:
    listed = {str(each.get("id")): each for each in draft.attachments or []}
    if draft.attachments is not None:
        message.attachments = [each for each in message.attachments if str(each.id) in listed]
    for upload in draft.files:
        about = listed.get(str(upload.index), {})
        made = store_file(state, message.channel_id, upload, about)
        made.ephemeral = message.only_for is not None
        message.attachments.append(made)
    if len(message.attachments) > _FILES_MAX:
        raise errors.ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")


def store_file(state: State, channel_id: int, upload: Upload, about: Json) -> Attachment:
    """Keep an uploaded file so that its address can be read."""
    made = Attachment(
        id=state.ids.next(),
        channel_id=channel_id,
        filename=str(about.get("filename") or upload.filename),
        content_type=upload.content_type,
        data=upload.data,
        description=about.get("description"),
        duration_secs=about.get("duration_secs"),
        waveform=about.get("waveform"),
    )
    state.attachments[made.id] = made
    return made


def _require_speech(state: State, author: User, channel: Channel, draft: Draft) -> int:
    if channel.type not in TALKABLE:
        raise errors.ApiError(400, 50008, "Cannot send messages in a non-text channel")
    needed = (
        Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
    )
    bits = state.require(author.id, channel, needed)
    if draft.files and not bits & Permission.ATTACH_FILES:
        raise errors.missing_permissions()
    if draft.poll is not None and not bits & Permission.SEND_POLLS:
        raise errors.missing_permissions()
    thread = channel.thread
    if thread is not None and thread.locked and not bits & Permission.MANAGE_THREADS:
        raise errors.ApiError(400, 50083, "Thread is archived")
    return bits


def _same_nonce(state: State, author: User, channel: Channel, draft: Draft) -> Message | None:
    if draft.nonce is None or not draft.enforce_nonce:
        return None
    known = state.nonces.get((channel.id, author.id, str(draft.nonce)))
    return None if known is None else channel.messages.get(known)


def _replied(channel: Channel, reference: Json | None) -> Message | None:
    if reference is None or reference.get("message_id") is None:
        return None
    found = channel.messages.get(int(reference["message_id"]))
    if found is None and reference.get("fail_if_not_exists", True):
        raise errors.invalid(
            "message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message"
        )
    return found


def _author_id(message: Message | None) -> int | None:
    return None if message is None else message.author.id


def _replied_author(state: State, message: Message) -> int | None:
    if message.type != REPLY or message.reference is None:
        return None
    channel = state.channel(message.channel_id)
    found = channel.messages.get(int(message.reference["message_id"]))
    return None if found is None else found.author.id


def _reference(channel: Channel, replied: Message) -> Json:
    reference = {"type": 0, "channel_id": str(channel.id), "message_id": str(replied.id)}
    if channel.guild_id is not None:
        reference["guild_id"] = str(channel.guild_id)
    return reference
