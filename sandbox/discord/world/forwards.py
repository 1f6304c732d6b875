"""Forwards: a message that holds a copy of another one, as that was when it was forwarded.

Rules: Discord's documentation, "Message Reference Types" and "Message Snapshot Object". A copy has
no author; which parts of a message it keeps is `MinimalContentMessageResponse` in Discord's OpenAPI
description.
"""

from __future__ import annotations

from sandbox.discord.world import errors, message_payloads
from sandbox.discord.world.model import Json, User
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

KIND = 1
_KEPT = (
    "type",
    "content",
    "mentions",
    "mention_roles",
    "attachments",
    "embeds",
    "timestamp",
    "edited_timestamp",
    "flags",
    "components",
    "sticker_items",
)


def is_forward(reference: Json | None) -> bool:
    """Whether a message's reference asks for a copy instead of an answer."""
    return reference is not None and reference.get("type") == KIND


def snapshots(state: State, user: User, reference: Json) -> list[Json]:
    """The copy that `user` forwards; 10008 when the message is not there, 50001 when not seen."""
    source = state.channel(int(reference["channel_id"]))
    state.require(user.id, source, Permission.READ_MESSAGE_HISTORY)
    found = source.messages.get(int(reference["message_id"]))
    if found is None:
        raise errors.unknown("Message")
    if found.snapshots:
        return found.snapshots
    payload = message_payloads.message(state, found, deep=False)
    return [{"message": {key: payload[key] for key in _KEPT if key in payload}}]
