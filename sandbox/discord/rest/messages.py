"""Routes of messages: write, read, edit, delete, react and pin."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import bodies, errors, marks, message_payloads, messages, payloads
from sandbox.discord.world.model import Channel, Json, Message
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.reading import may_read, without_text

routes = Routes()

_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions"


def _message(call: Call) -> Message:
    return call.world.message(call.channel(), call.id("message_id"))


def _shown(call: Call, message: Message) -> Json:
    """A message for the caller; the text intent holds for REST too, as Discord documents it."""
    shown = message_payloads.message(call.world, message, call.user.id)
    application = call.world.application_of(call.user)
    if application is None or application.message_content or may_read(call.user, message):
        return shown
    return without_text(shown)


@routes.post("/channels/{channel_id}/messages")
def create(call: Call) -> object:
    """Write a message."""
    draft = bodies.draft(call.fields, call.files)
    return _shown(call, messages.post(call.world, call.user, call.channel(), draft))


@routes.get("/channels/{channel_id}/messages")
def history(call: Call) -> object:
    """A page of messages, newest first; empty without READ_MESSAGE_HISTORY, as in Discord."""
    channel = call.channel()
    bits = call.world.permissions(call.user.id, channel)
    limit = call.limit(50, 100)
    if not bits & Permission.READ_MESSAGE_HISTORY:
        return []
    page = messages.history(
        channel,
        limit,
        before=call.asked_id("before"),
        after=call.asked_id("after"),
        around=call.asked_id("around"),
    )
    return [_shown(call, each) for each in page]


@routes.get("/channels/{channel_id}/messages/{message_id}")
def one(call: Call) -> object:
    """One message."""
    message = _message(call)
    channel = call.world.channel(message.channel_id)
    call.world.require(call.user.id, channel, Permission.READ_MESSAGE_HISTORY)
    return _shown(call, message)


@routes.patch("/channels/{channel_id}/messages/{message_id}")
def edit(call: Call) -> object:
    """Edit a message."""
    draft = bodies.draft(call.fields, call.files, editing=True)
    return _shown(call, messages.edit_by(call.world, call.user, _message(call), draft))


@routes.delete("/channels/{channel_id}/messages/{message_id}")
def delete(call: Call) -> object:
    """Delete a message; a person may also put away what only that person sees."""
    hidden = call.world.hidden.get(call.id("message_id"))
    if hidden is not None and hidden.only_for == call.user.id:
        messages.delete(call.world, hidden)
        return EMPTY
    messages.delete_by(call.world, call.user, _message(call))
    return EMPTY


@routes.post("/channels/{channel_id}/messages/bulk-delete")
def bulk_delete(call: Call) -> object:
    """Delete many."""
    ids = [int(each) for each in call.fields.get("messages") or []]
    messages.delete_many(call.world, call.user, call.channel(), ids)
    return EMPTY


@routes.put(_REACTIONS + "/{emoji_name}/@me")
def react(call: Call) -> object:
    """React."""
    emoji = marks.emoji(call.params["emoji_name"])
    marks.react(call.world, call.user, _message(call), emoji)
    return EMPTY


@routes.delete(_REACTIONS + "/{emoji_name}/@me")
def unreact(call: Call) -> object:
    """Take one's reaction back."""
    emoji = marks.emoji(call.params["emoji_name"])
    marks.unreact(call.world, _message(call), emoji, call.user.id)
    return EMPTY


@routes.delete(_REACTIONS + "/{emoji_name}/{user_id}")
def unreact_other(call: Call) -> object:
    """Take someone else's reaction away."""
    message = _managed(call)
    marks.unreact(call.world, message, marks.emoji(call.params["emoji_name"]), call.id("user_id"))
    return EMPTY


@routes.delete(_REACTIONS + "/{emoji_name}")
def clear_emoji(call: Call) -> object:
    """Take every reaction with this emoji away."""
    marks.clear_reactions(call.world, _managed(call), marks.emoji(call.params["emoji_name"]))
    return EMPTY


@routes.delete(_REACTIONS)
def clear(call: Call) -> object:
    """Take every reaction away."""
    marks.clear_reactions(call.world, _managed(call))
    return EMPTY


def _managed(call: Call) -> Message:
    message = _message(call)
    channel = call.world.channel(message.channel_id)
    call.world.require(call.user.id, channel, Permission.MANAGE_MESSAGES)
    return message


@routes.get(_REACTIONS + "/{emoji_name}")
def reacted(call: Call) -> object:
    """Who reacted so."""
    ids = marks.reacted(_message(call), marks.emoji(call.params["emoji_name"]))
    after = call.asked_id("after") or 0
    later = sorted(each for each in ids if each > after)[: call.limit(25, 100)]
    return [payloads.user(call.world.users[each]) for each in later]


def _pinned(call: Call) -> list[tuple[Message, str]]:
    channel = call.channel()
    found = [(channel.messages[each], at) for each, at in channel.pins.items()]
    return found[::-1]


@routes.get("/channels/{channel_id}/pins")
def pins(call: Call) -> object:
    """Pinned messages (the older route)."""
    return [_shown(call, each) for each, _ in _pinned(call)]


@routes.get("/channels/{channel_id}/messages/pins")
def pins_page(call: Call) -> object:
    """Pinned messages with when they were pinned."""
    before = call.query.get("before")
    found = [(each, at) for each, at in _pinned(call) if before is None or at < before]
    limit = call.limit(50, 50)
    items = [{"pinned_at": at, "message": _shown(call, each)} for each, at in found[:limit]]
    return {"items": items, "has_more": len(found) > limit}


def _pin(call: Call) -> object:
    """Pin a message."""
    channel: Channel = call.channel()
    marks.pin(call.world, call.user, channel, call.world.message(channel, call.id("message_id")))
    return EMPTY


def _unpin(call: Call) -> object:
    """Unpin a message."""
    channel: Channel = call.channel()
    marks.unpin(call.world, call.user, channel, call.world.message(channel, call.id("message_id")))
    return EMPTY


for _path in (
    "/channels/{channel_id}/messages/pins/{message_id}",
    "/channels/{channel_id}/pins/{message_id}",
):
    routes.put(_path)(_pin)
    routes.delete(_path)(_unpin)


@routes.post("/channels/{channel_id}/messages/{message_id}/crosspost")
def crosspost(call: Call) -> object:
    """Publish an announcement; only in announcement channels (50024)."""
    message = _message(call)
    if call.world.channel(message.channel_id).type != 5:
        raise errors.ApiError(400, 50024, "Cannot execute action on this channel type")
    message.flags |= 1
    messages.announce_edit(call.world, call.world.channel(message.channel_id), message)
    return _shown(call, message)
