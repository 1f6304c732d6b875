"""Routes of an application's own emojis: pictures with an address that outlives every message."""

from __future__ import annotations

import re

from sandbox.discord.rest.call import EMPTY, Call, Reply
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import errors, payloads, pictures
from sandbox.discord.world.model import Application, Json

routes = Routes()

_NAME = re.compile(r"\w{2,32}")
# Discord's limits: the picture's bytes, and how many an application may have.
_LARGEST = 256 * 1024
_MOST = 2_000


@routes.get("/applications/{application_id}/emojis")
def listed(call: Call) -> object:
    """All of them."""
    application = _own(call)
    return {"items": [_payload(call, one) for one in application.emojis]}


@routes.post("/applications/{application_id}/emojis")
def create(call: Call) -> object:
    """Upload one."""
    application, name = _own(call), str(call.fields.get("name") or "")
    if not _NAME.fullmatch(name):
        raise errors.invalid("name", "STRING_TYPE_REGEX", "String value did not match.")
    if len(application.emojis) >= _MOST:
        raise errors.ApiError(400, 30008, "Maximum number of emojis reached (2000)")
    if any(call.world.emojis[one][0] == name for one in application.emojis):
        raise errors.invalid(
            "name", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN", "An emoji of that name exists."
        )
    key = pictures.upload(call.world, call.fields.get("image"), "image")
    if key is None or len(call.world.pictures[key].data) > _LARGEST:
        raise errors.invalid("image", "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 256 kb.")
    emoji_id = call.world.ids.next()
    call.world.emojis[emoji_id] = (name, key)
    application.emojis.append(emoji_id)
    return Reply(201, _payload(call, emoji_id))


@routes.delete("/applications/{application_id}/emojis/{emoji_id}")
def delete(call: Call) -> object:
    """Remove one; its address is dead."""
    application, emoji_id = _own(call), call.id("emoji_id")
    if emoji_id not in application.emojis:
        raise errors.unknown("Emoji")
    application.emojis.remove(emoji_id)
    del call.world.emojis[emoji_id]
    return EMPTY


def _own(call: Call) -> Application:
    application = call.world.applications.get(call.id("application_id"))
    if application is None or application.user.id != call.user.id:
        raise errors.unknown("Application")
    return application


def _payload(call: Call, emoji_id: int) -> Json:
    name, key = call.world.emojis[emoji_id]
    return {
        "id": str(emoji_id),
        "name": name,
        "user": payloads.user(call.user),
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": call.world.pictures[key].content_type == "image/gif",
        "available": True,
    }
