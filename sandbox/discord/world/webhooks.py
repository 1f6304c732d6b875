"""Webhooks: made (15 a channel), changed, deleted, and what they write."""

from __future__ import annotations

import hmac
import secrets

from sandbox.discord.world import components, errors, messages, openings, payloads, pictures
from sandbox.discord.world.bodies import Draft, check_username
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import (
    FORUMS,
    WEBHOOKABLE,
    Channel,
    Json,
    Message,
    User,
    Webhook,
)
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

PER_CHANNEL = 15


def create(state: State, user: User, channel: Channel, fields: Json) -> Webhook:
    """Make a webhook; 30007 when the channel has fifteen."""
    state.require(user.id, channel, Permission.MANAGE_WEBHOOKS)
    if channel.type not in WEBHOOKABLE or channel.guild_id is None:
        raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
    if fields.get("name") is None:
        raise errors.required("name")
    name = check_username("name", fields["name"])
    if len(of_channel(state, channel)) >= PER_CHANNEL:
        raise errors.ApiError(400, 30007, f"Maximum number of webhooks reached ({PER_CHANNEL})")
    hook = Webhook(
        id=state.ids.next(),
        guild_id=channel.guild_id,
        channel_id=channel.id,
        name=name,
        user=user,
        token=secrets.token_urlsafe(51),
        avatar=pictures.upload(state, fields.get("avatar")),
        application_id=user.id if user.bot else None,
    )
    state.webhooks[hook.id] = hook
    _tell(state, hook)
    return hook


def of_channel(state: State, channel: Channel) -> list[Webhook]:
    """The webhooks of a channel."""
    return [one for one in state.webhooks.values() if one.channel_id == channel.id]


def find(state: State, webhook_id: int) -> Webhook:
    """The webhook, or 10015."""
    hook = state.webhooks.get(webhook_id)
    if hook is None:
        raise errors.unknown("Webhook")
    return hook


def with_token(state: State, webhook_id: int, token: str) -> Webhook:
    """The webhook if `token` is its own: 10015 when it is gone, 50027 for a wrong token."""
    hook = find(state, webhook_id)
    if not hmac.compare_digest(hook.token.encode(), token.encode()):
        raise errors.invalid_webhook_token()
    return hook


def edit(state: State, hook: Webhook, fields: Json, *, may_move: bool) -> None:
    """Rename, repaint, or move to another channel."""
    if fields.get("name") is not None:
        hook.name = check_username("name", fields["name"])
    if "avatar" in fields:
        hook.avatar = pictures.upload(state, fields["avatar"])
    if may_move and fields.get("channel_id") is not None:
        _tell(state, hook)
        hook.channel_id = state.channel(int(fields["channel_id"])).id
    _tell(state, hook)


def delete(state: State, hook: Webhook) -> None:
    """Delete a webhook. What it wrote stays."""
    state.webhooks.pop(hook.id, None)
    _tell(state, hook)


def _tell(state: State, hook: Webhook) -> None:
    data = {"guild_id": str(hook.guild_id), "channel_id": str(hook.channel_id)}
    state.emit(Event("WEBHOOKS_UPDATE", data, hook.guild_id, hook.channel_id))


def face(state: State, hook: Webhook, username: object, avatar_url: object) -> User:
    """The account that a message shows: the webhook's, or as overridden."""
    name = hook.name if username is None else check_username("username", username)
    avatar = hook.avatar
    if avatar_url:
        avatar = pictures.by_address(state, str(avatar_url)) or avatar
    return User(hook.id, name, bot=True, avatar=avatar, discriminator="0000")


def place(state: State, hook: Webhook, thread_id: int | None) -> Channel:
    """Where a webhook works: its channel, or one of that channel's threads (else 10003)."""
    if thread_id is None:
        return state.channel(hook.channel_id)
    thread = state.channel(thread_id)
    if thread.parent_id != hook.channel_id or thread.thread is None:
        raise errors.unknown("Channel")
    return thread


def execute(
    state: State, hook: Webhook, thread_id: int | None, body: Json, draft: Draft
) -> Message:
    """Write through a webhook; in a forum with `thread_name`, open a post first."""
    if hook.application_id is None and components.interactive(draft.components or []):
        # Nobody would answer: only an application's webhook may ask (Discord's documentation).
        raise errors.ApiError(400, 50035, "Invalid Form Body")
    worn = face(state, hook, body.get("username"), body.get("avatar_url"))
    channel = place(state, hook, thread_id)
    if channel.thread is None and channel.type in FORUMS and body.get("thread_name"):
        fields = {"name": body["thread_name"], "applied_tags": body.get("applied_tags")}
        post = openings.make_post(state, worn, channel, fields)
        return messages.post_as_webhook(state, hook, post, draft, worn, own_id=post.id)
    if body.get("thread_name"):
        raise errors.ApiError(400, 220003, "Webhooks can only create threads in forum channels")
    return messages.post_as_webhook(state, hook, channel, draft, worn)


def own_message(state: State, hook: Webhook, thread_id: int | None, message_id: int) -> Message:
    """A message that this webhook wrote in that place, or 10008."""
    message = state.message(place(state, hook, thread_id), message_id)
    if message.webhook_id != hook.id:
        raise errors.unknown("Message")
    return message


def shown(state: State, hook: Webhook, viewer: User) -> Json:
    """A webhook as `viewer` gets it: with its token only for those who may have it."""
    bits = state.permissions(viewer.id, state.channel(hook.channel_id))
    return payloads.webhook(hook, token=payloads.token_visible(hook, viewer, bits))
