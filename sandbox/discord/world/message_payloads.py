"""The wire form of messages and their files, as REST answers and the gateway sends them."""

from __future__ import annotations

from urllib.parse import quote

from sandbox.discord.world import payloads, polls
from sandbox.discord.world.model import Attachment, Json, Message, MessageFlag
from sandbox.discord.world.state import State
from sandbox.picture_size import dimensions


def attachment(state: State, one: Attachment) -> Json:
    """An attachment with its address on this machine."""
    address = f"{state.cdn}/attachments/{one.channel_id}/{one.id}/{quote(one.filename)}"
    payload: Json = {
        "id": str(one.id),
        "filename": one.filename,
        "size": len(one.data),
        "url": f"{address}?ex=7fffffff&is=0&hm=0",
        "proxy_url": f"{address}?ex=7fffffff&is=0&hm=0",
        "content_type": one.content_type,
    }
    size = dimensions(one.data) if one.content_type.startswith("image/") else None
    if size is not None:
        payload |= {"width": size[0], "height": size[1]}
    if one.description is not None:
        payload["description"] = one.description
    if one.ephemeral:
        payload["ephemeral"] = True
    if one.duration_secs is not None:
        payload |= {"duration_secs": one.duration_secs, "waveform": one.waveform or ""}
    return payload


def reactions(one: Message, viewer: int | None) -> list[Json]:
    """The reactions of a message as `viewer` sees them."""
    return [
        {
            "emoji": each.emoji,
            "count": len(each.users),
            "count_details": {"burst": 0, "normal": len(each.users)},
            "burst_colors": [],
            "me_burst": False,
            "burst_me": False,
            "me": viewer in each.users,
            "burst_count": 0,
        }
        for each in one.reactions.values()
    ]


def message(state: State, one: Message, viewer: int | None = None, *, deep: bool = True) -> Json:
    """A message as REST gives it to `viewer`; `deep` adds the message that it answers."""
    payload: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel_id),
        "type": one.type,
        "content": one.content,
        "author": payloads.user(one.author),
        "timestamp": one.timestamp,
        "edited_timestamp": one.edited_timestamp,
        "tts": one.tts,
        "mention_everyone": one.mention_everyone,
        "mentions": [
            payloads.user(state.users[each]) for each in one.mentions if each in state.users
        ],
        "mention_roles": [str(each) for each in one.mention_roles],
        "attachments": [attachment(state, each) for each in one.attachments],
        "embeds": one.embeds,
        "components": one.components,
        "pinned": one.pinned,
        "flags": one.flags,
    }
    if one.poll is not None:
        payload["poll"] = polls.payload(one.poll, viewer)
    if one.stickers:
        payload["sticker_items"] = one.stickers
    if one.snapshots:
        payload["message_snapshots"] = one.snapshots
    if one.reactions:
        payload["reactions"] = reactions(one, viewer)
    if one.nonce is not None:
        payload["nonce"] = one.nonce
    if one.webhook_id is not None:
        payload["webhook_id"] = str(one.webhook_id)
    if one.application_id is not None:
        payload["application_id"] = str(one.application_id)
    if one.interaction is not None:
        payload["interaction_metadata"] = one.interaction
    if deep:
        payload |= _links(state, one, viewer)
    return payload


def _links(state: State, one: Message, viewer: int | None) -> Json:
    links: Json = {}
    if one.reference is not None:
        links["message_reference"] = one.reference
        if one.type in (19, 21, 23):
            links["referenced_message"] = _referenced(state, one.reference, viewer)
    if one.thread_id is not None and one.thread_id in state.channels:
        links["thread"] = payloads.channel(state.channels[one.thread_id])
    return links


def _referenced(state: State, reference: Json, viewer: int | None) -> Json | None:
    source = state.channels.get(int(reference["channel_id"]))
    found = source and source.messages.get(int(reference["message_id"]))
    return message(state, found, viewer, deep=False) if found else None


def message_event(state: State, one: Message) -> Json:
    """A message as the gateway sends it: with guild, member and channel type."""
    payload = message(state, one)
    channel_ = state.channels[one.channel_id]
    payload["channel_type"] = int(channel_.type)
    guild_ = state.guild_of(channel_)
    if guild_ is not None:
        payload["guild_id"] = str(guild_.id)
        author = guild_.members.get(one.author.id)
        if author is not None:
            payload["member"] = payloads.member(author, with_user=False)
        for mention in payload["mentions"]:
            mentioned = guild_.members.get(int(mention["id"]))
            if mentioned is not None:
                mention["member"] = payloads.member(mentioned, with_user=False)
    return payload


def is_loading(one: Message) -> bool:
    """Whether the message still says "is thinking…"."""
    return bool(one.flags & MessageFlag.LOADING)
