"""Routes of polls: who voted, an early end, and the vote as Discord's own client sends it."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import errors, message_payloads, messages, payloads, polls
from sandbox.discord.world.model import Message

routes = Routes()

_POLL = "/channels/{channel_id}/polls/{message_id}"


def _message(call: Call) -> Message:
    return call.world.message(call.channel(), call.id("message_id"))


@routes.get(_POLL + "/answers/{answer_id}")
def voters(call: Call) -> object:
    """Who voted for an answer."""
    after = call.asked_id("after") or 0
    found = sorted(each for each in polls.voters(_message(call), call.id("answer_id")))
    later = [each for each in found if each > after][: call.limit(25, 100)]
    return {"users": [payloads.user(call.world.users[each]) for each in later]}


@routes.post(_POLL + "/expire")
def expire(call: Call) -> object:
    """End one's own poll now."""
    message = _message(call)
    if message.author.id != call.user.id:
        raise errors.ApiError(403, 50005, "Cannot edit a message authored by another user")
    polls.of(message)
    messages.end_poll(call.world, message)
    return message_payloads.message(call.world, message, call.user.id)


@routes.put(_POLL + "/answers/@me")
def vote(call: Call) -> object:
    """A person's whole vote (not a public route)."""
    if call.user.bot:
        raise errors.bots_cannot()
    chosen = [int(each) for each in call.fields.get("answer_ids") or []]
    polls.vote(call.world, call.user, _message(call), chosen)
    return EMPTY
