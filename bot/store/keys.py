"""The only module that spells a key of Redis. Owns names, no values.

Every key starts with `PREFIX`; its number rises when the shape of what is kept changes, so an
older bot never misreads what a newer one wrote.
"""

from __future__ import annotations

from datetime import datetime

from bot.domain.room import Seat

PREFIX = "troupe:1:"

# Sorted set: ids of the turns that are neither done nor closed, by the time they were accepted.
UNFINISHED = f"{PREFIX}unfinished"
# Hash: room id → the room, for every room with a cast.
ROOMS = f"{PREFIX}rooms"
# Hash: room id → key of the character addressed last.
LAST_ADDRESSED = f"{PREFIX}last-addressed"
# Hash: seat → the person who summoned that character into that room.
SUMMONERS = f"{PREFIX}summoners"
# String: digest and ids of the slash commands that Discord was told last.
COMMANDS = f"{PREFIX}commands"
# Set: ids of the servers that were greeted, or that the bot was in before.
GREETED = f"{PREFIX}greeted"
# Hash: room id → id of the newest message that was taken in.
MARKS = f"{PREFIX}marks"

# Strings that a probe writes, to see whether the server takes writes. In a Cluster they are in
# different slots.
PROBES = (f"{PREFIX}probe:1", f"{PREFIX}probe:2")

# A snowflake without these bits counts spans of 2¹⁹ ms, some nine minutes.
MESSAGES_BITS = 41

# Hash: room id → its policy, for every room that has its own.
POLICIES = f"{PREFIX}policies"
# Hash: seat → the face that the character wears there, and what it is said to do.
DEMEANOURS = f"{PREFIX}demeanours"


def turn(turn_id: str) -> str:
    """Hash: one turn. An empty id gives the beginning that all of them share."""
    return f"{PREFIX}turn:{turn_id}"


def messages(message_id: int) -> str:
    """Hash: message id → the turn that it is part of, for all that were sent about that time.

    Redis packs a small hash: a key for each message took three times as much memory.
    """
    return f"{PREFIX}messages:{message_id >> MESSAGES_BITS}"


def message(message_id: int) -> str:
    """String: which character's message this is, as earlier releases wrote it."""
    return f"{PREFIX}message:{message_id}"


def session(seat: Seat) -> str:
    """Hash: the seat's thread."""
    return f"{PREFIX}session:{seat}"


def sessions(room_id: int) -> str:
    """What the keys of a room's sessions begin with."""
    return f"{PREFIX}session:{room_id}:"


def seats(room_id: int) -> str:
    """Set: the characters that have a session in this room."""
    return f"{PREFIX}seats:{room_id}"


def cast(room_id: int) -> str:
    """Sorted set: characters in the room, by the time they came."""
    return f"{PREFIX}cast:{room_id}"


def bound(room_id: int) -> str:
    """String: the character that this room belongs to."""
    return f"{PREFIX}bound:{room_id}"


def decisions(room_id: int) -> str:
    """List: what was decided in this room, newest first."""
    return f"{PREFIX}decisions:{room_id}"


def budget(room_id: int) -> str:
    """String: what characters have used of each other's answers since a person spoke."""
    return f"{PREFIX}budget:{room_id}"


def person_turns(person: int, hour: datetime) -> str:
    """Set: ids of the turns that this person caused in the hour that begins then."""
    return f"{PREFIX}spent:turn-ids:{person}:{hour:%Y%m%d%H}"


def day_tokens(day: datetime) -> str:
    """String: how many tokens were used on that day."""
    return f"{PREFIX}spent:tokens:{day:%Y%m%d}"


def avatar(digest: str) -> str:
    """String: where a picture with this digest was uploaded to."""
    return f"{PREFIX}avatar:{digest}"


def webhook(channel_id: int) -> str:
    """Hash: id and token of the webhook that speaks in this channel."""
    return f"{PREFIX}webhook:{channel_id}"


def guidelines(guild_id: int) -> str:
    """String: the guild's own rules."""
    return f"{PREFIX}guidelines:{guild_id}"


def host(token_digest: str) -> str:
    """String: the process that runs the bot of this token."""
    return f"{PREFIX}host:{token_digest}"
