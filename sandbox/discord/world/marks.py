"""What people leave on a channel or message besides text: reactions, pins and typing."""

from __future__ import annotations

from urllib.parse import unquote

from sandbox.discord.world import errors, messages, payloads
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Channel, Json, Message, Reaction, User
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

_REACTIONS_MAX = 20
_PINS_MAX = 250


def emoji(raw: str) -> Json:
    """An emoji of a path: a character, or `name:id`. Words are refused with 10014."""
    text = unquote(raw)
    name, colon, number = text.rpartition(":")
    if colon and number.isdigit():
        return {"id": number, "name": name.removeprefix("a:")}
    if not text or text.isascii():
        raise errors.unknown("Emoji")
    return {"id": None, "name": text}


def react(state: State, user: User, message: Message, one: Json) -> None:
    """Put a reaction; twice is as once."""
    channel = state.channel(message.channel_id)
    bits = state.require(user.id, channel, Permission.READ_MESSAGE_HISTORY)
    key = _key(one)
    found = message.reactions.get(key)
    if found is None:
        if not bits & Permission.ADD_REACTIONS:
            raise errors.missing_permissions()
        if len(message.reactions) >= _REACTIONS_MAX:
            raise errors.ApiError(400, 30010, "Maximum number of reactions reached (20)")
        found = message.reactions[key] = Reaction(one)
    if user.id in found.users:
        return
    found.users[user.id] = None
    _tell(state, "MESSAGE_REACTION_ADD", message, one, user.id)


def unreact(state: State, message: Message, one: Json, user_id: int) -> None:
    """Take someone's reaction away."""
    found = message.reactions.get(_key(one))
    if found is None or user_id not in found.users:
        return
    del found.users[user_id]
    if not found.users:
        del message.reactions[_key(one)]
    _tell(state, "MESSAGE_REACTION_REMOVE", message, one, user_id)


def clear_reactions(state: State, message: Message, one: Json | None = None) -> None:
    """Take away every reaction, or every one with this emoji."""
    if one is None:
        message.reactions.clear()
        _tell(state, "MESSAGE_REACTION_REMOVE_ALL", message, None, None)
    elif message.reactions.pop(_key(one), None):
        _tell(state, "MESSAGE_REACTION_REMOVE_EMOJI", message, one, None)


def reacted(message: Message, one: Json) -> list[int]:
    """Who put this emoji there."""
    found = message.reactions.get(_key(one))
    if found is None:
        raise errors.unknown("Emoji")
    return list(found.users)


def _key(one: Json) -> str:
    return str(one["id"] or one["name"])


def _tell(state: State, name: str, message: Message, one: Json | None, user_id: int | None) -> None:
    data: Json = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    if one is not None:
        data["emoji"] = one
    if user_id is not None:
        data |= {"user_id": str(user_id), "burst": False, "type": 0}
    guild = state.guilds.get(message.guild_id or 0)
    if guild is not None:
        data["guild_id"] = str(guild.id)
        if name == "MESSAGE_REACTION_ADD" and user_id in guild.members:
            data["member"] = payloads.member(guild.members[user_id])
    if name == "MESSAGE_REACTION_ADD":
        data["message_author_id"] = str(message.author.id)
    state.emit(Event(name, data, message.guild_id, message.channel_id))


def type_in(state: State, user: User, channel: Channel) -> None:
    """Show that `user` is typing. It lasts ten seconds; nothing stops it earlier."""
    state.require(user.id, channel, Permission.SEND_MESSAGES)
    data: Json = {
        "channel_id": str(channel.id),
        "user_id": str(user.id),
        "timestamp": int(state.clock()),
    }
    guild = state.guild_of(channel)
    if guild is not None:
        data |= {
            "guild_id": str(guild.id),
            "member": payloads.member(guild.members[user.id]),
        }
    state.emit(Event("TYPING_START", data, channel.guild_id, channel.id))


def pin(state: State, user: User, channel: Channel, message: Message) -> None:
    """Pin a message and write the notice that Discord writes (type 6)."""
    _may_pin(state, user, channel)
    if message.id in channel.pins:
        return
    if len(channel.pins) >= _PINS_MAX:
        raise errors.ApiError(400, 30003, "Maximum number of pins reached (250)")
    channel.pins[message.id] = state.now()
    message.pinned = True
    messages.announce_edit(state, channel, message)
    _tell_pins(state, channel)
    notice = Message(
        id=state.ids.next(),
        channel_id=channel.id,
        author=user,
        content="",
        timestamp=state.now(),
        guild_id=channel.guild_id,
        type=6,
        reference={"channel_id": str(channel.id), "message_id": str(message.id)},
    )
    messages.publish(state, channel, notice)


def unpin(state: State, user: User, channel: Channel, message: Message) -> None:
    """Unpin a message."""
    _may_pin(state, user, channel)
    if channel.pins.pop(message.id, None) is not None:
        message.pinned = False
        messages.announce_edit(state, channel, message)
        _tell_pins(state, channel)


def _may_pin(state: State, user: User, channel: Channel) -> None:
    # MANAGE_MESSAGES is not enough since 23 February 2026 (Discord's change log).
    if not state.require(user.id, channel) & Permission.PIN_MESSAGES:
        raise errors.missing_permissions()


def _tell_pins(state: State, channel: Channel) -> None:
    data: Json = {
        "channel_id": str(channel.id),
        "last_pin_timestamp": next(reversed(channel.pins.values()), None),
    }
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
    state.emit(Event("CHANNEL_PINS_UPDATE", data, channel.guild_id, channel.id))
