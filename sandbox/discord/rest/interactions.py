"""Routes of interactions: a person acts, the application answers."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import answers, errors, interactions

routes = Routes()


@routes.post("/interactions")
def begin(call: Call) -> object:
    """What Discord's own client sends when a person uses an application (not a public route)."""
    if call.user.bot:
        raise errors.bots_cannot()
    for name in ("type", "application_id", "channel_id"):
        if call.fields.get(name) is None:
            raise errors.required(name)
    interactions.begin(call.world, call.user, call.fields, call.files)
    return EMPTY


@routes.post("/interactions/{interaction_id}/{interaction_token}/callback")
def callback(call: Call) -> object:
    """The application's one answer."""
    one = answers.answer(
        call.world,
        call.id("interaction_id"),
        call.params["interaction_token"],
        call.fields,
        call.files,
    )
    return answers.callback_response(call.world, one) if call.truth("with_response") else EMPTY
