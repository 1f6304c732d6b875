"""Routes of webhooks, and of an interaction's follow-ups, which share their paths.

`/webhooks/{id}/{token}` is a webhook's where a webhook has that id, an application's otherwise.
"""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import (
    answers,
    bodies,
    errors,
    message_payloads,
    messages,
    payloads,
    threads,
    webhooks,
)
from sandbox.discord.world.interaction import Interaction
from sandbox.discord.world.model import Json, Message, Webhook
from sandbox.discord.world.permissions import Permission

routes = Routes()

_EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"
_MESSAGE = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"


@routes.post("/channels/{channel_id}/webhooks")
def create(call: Call) -> object:
    """Make a webhook."""
    hook = webhooks.create(call.world, call.user, call.channel(), call.fields)
    return payloads.webhook(hook, token=True)


@routes.get("/channels/{channel_id}/webhooks")
def of_channel(call: Call) -> object:
    """A channel's webhooks."""
    channel = call.channel()
    call.world.require(call.user.id, channel, Permission.MANAGE_WEBHOOKS)
    found = webhooks.of_channel(call.world, channel)
    return [webhooks.shown(call.world, each, call.user) for each in found]


def _managed(call: Call) -> Webhook:
    hook = webhooks.find(call.world, call.id("webhook_id"))
    channel = call.world.channel(hook.channel_id)
    call.world.require(call.user.id, channel, Permission.MANAGE_WEBHOOKS)
    return hook


@routes.get("/webhooks/{webhook_id}")
def one(call: Call) -> object:
    """A webhook, for those who manage it."""
    return webhooks.shown(call.world, _managed(call), call.user)


@routes.patch("/webhooks/{webhook_id}")
def edit(call: Call) -> object:
    """Change or move a webhook."""
    hook = _managed(call)
    webhooks.edit(call.world, hook, call.fields, may_move=True)
    return webhooks.shown(call.world, hook, call.user)


@routes.delete("/webhooks/{webhook_id}")
def delete(call: Call) -> object:
    """Delete a webhook."""
    webhooks.delete(call.world, _managed(call))
    return EMPTY


def _by_token(call: Call) -> Webhook:
    return webhooks.with_token(call.world, call.id("webhook_id"), call.params["webhook_token"])


@routes.get(_EXECUTE)
def one_by_token(call: Call) -> object:
    """A webhook, by its token: without the user who made it."""
    shown = payloads.webhook(_by_token(call), token=True)
    del shown["user"]
    return shown


@routes.patch(_EXECUTE)
def edit_by_token(call: Call) -> object:
    """Change a webhook by its token."""
    hook = _by_token(call)
    webhooks.edit(call.world, hook, call.fields, may_move=False)
    return payloads.webhook(hook, token=True)


@routes.delete(_EXECUTE)
def delete_by_token(call: Call) -> object:
    """Delete a webhook by its token."""
    webhooks.delete(call.world, _by_token(call))
    return EMPTY


def _interaction(call: Call) -> Interaction | None:
    """The interaction behind the path; None when it is a webhook's path."""
    if call.id("webhook_id") not in call.world.applications:
        return None
    return answers.by_token(call.world, call.id("webhook_id"), call.params["webhook_token"])


def _shown(call: Call, message: Message) -> Json:
    return message_payloads.message(call.world, message)


@routes.post(_EXECUTE)
def execute(call: Call) -> object:
    """Write as a webhook (204 without `wait`), or follow up an interaction."""
    interaction = _interaction(call)
    if interaction is not None:
        message = answers.follow_up(call.world, interaction, call.fields, call.files)
        return _shown(call, message)
    hook = _by_token(call)
    draft = bodies.draft(call.fields, call.files)
    thread = call.asked_id("thread_id")
    message = webhooks.execute(call.world, hook, thread, call.fields, draft)
    return _shown(call, message) if call.truth("wait") else EMPTY


@routes.get(_MESSAGE)
def message_of(call: Call) -> object:
    """One message of a webhook or an interaction."""
    return _shown(call, _own(call))


def _own(call: Call) -> Message:
    interaction = _interaction(call)
    if interaction is not None:
        return answers.own_message(call.world, interaction, call.params["message_id"])
    hook = _by_token(call)
    if call.params["message_id"] == "@original":
        raise errors.unknown("Message")
    thread = call.asked_id("thread_id")
    return webhooks.own_message(call.world, hook, thread, call.id("message_id"))


@routes.patch(_MESSAGE)
def edit_message(call: Call) -> object:
    """Edit a message of a webhook or an interaction."""
    interaction = _interaction(call)
    if interaction is not None:
        which = call.params["message_id"]
        changed = answers.edit(call.world, interaction, which, call.fields, call.files)
        return _shown(call, changed)
    message = _own(call)
    threads.require_awake(call.world.channel(message.channel_id))
    draft = bodies.draft(call.fields, call.files, editing=True)
    return _shown(call, messages.edit(call.world, message, draft, may_ping_all=True))


@routes.delete(_MESSAGE)
def delete_message(call: Call) -> object:
    """Delete a message of a webhook or an interaction."""
    messages.delete(call.world, _own(call))
    return EMPTY
