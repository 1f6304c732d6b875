"""The names of all Redis keys; no other module spells a key. Owns no values.

Every key starts with `PREFIX`. Its number is raised when the format of the values changes, so that
an older bot never misreads values of a newer version.
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
# Hash: seat → id of the person who summoned the character.
SUMMONERS = f"{PREFIX}summoners"
# String: digest and ids of the slash commands that were last registered with Discord.
COMMANDS = f"{PREFIX}commands"
# Set: ids of the servers that were greeted, or that the bot had joined before.
GREETED = f"{PREFIX}greeted"
# Hash: room id → committed offset, the id of the newest message that was processed.
MARKS = f"{PREFIX}marks"

# Strings that the health probe writes. In a Cluster they are in different slots.
PROBES = (f"{PREFIX}probe:1", f"{PREFIX}probe:2")

# A snowflake shifted right by these bits counts spans of 2¹⁹ ms, about nine minutes.
MESSAGES_BITS = 41

# Hash: room id → policy, for every room with its own policy.
POLICIES = f"{PREFIX}policies"
# Hash: seat → persona state, the character's mood and status line in the room.
PERSONA_STATES = f"{PREFIX}demeanours"


def turn(turn_id: str) -> str:
    """Hash: a turn. An empty id gives the common prefix of all turns."""
    return f"{PREFIX}turn:{turn_id}"


def messages(message_id: int) -> str:
    """Hash: message id → its turn, for all messages of the same span of time.

    Redis packs a small hash: a key for each message took three times as much memory.
    """
    return f"{PREFIX}messages:{message_id >> MESSAGES_BITS}"


def message(message_id: int) -> str:
    """String: the character of a message, in the format of earlier releases."""
    return f"{PREFIX}message:{message_id}"


def session(seat: Seat) -> str:
    """Hash: the seat's session, with its Codex thread."""
    return f"{PREFIX}session:{seat}"


def sessions(room_id: int) -> str:
    """Common prefix of the keys of a room's sessions."""
    return f"{PREFIX}session:{room_id}:"


def seats(room_id: int) -> str:
    """Set: the characters with a session in this room."""
    return f"{PREFIX}seats:{room_id}"


def cast(room_id: int) -> str:
    """Sorted set: characters in the room, by the time of their arrival."""
    return f"{PREFIX}cast:{room_id}"


def bound(room_id: int) -> str:
    """String: the character that the room is bound to."""
    return f"{PREFIX}bound:{room_id}"


def decisions(room_id: int) -> str:
    """List: the room's latest decisions, newest first."""
    return f"{PREFIX}decisions:{room_id}"


def budget(room_id: int) -> str:
    """String: the answers that characters gave each other since a person last spoke."""
    return f"{PREFIX}budget:{room_id}"


def person_turns(person: int, hour: datetime) -> str:
    """Set: ids of the turns that this person caused in the hour that begins at `hour`."""
    return f"{PREFIX}spent:turn-ids:{person}:{hour:%Y%m%d%H}"


def day_tokens(day: datetime) -> str:
    """String: the number of tokens used on that day."""
    return f"{PREFIX}spent:tokens:{day:%Y%m%d}"


def avatar(digest: str) -> str:
    """String: the URL of the uploaded picture with this digest."""
    return f"{PREFIX}avatar:{digest}"


def webhook(channel_id: int) -> str:
    """Hash: id and token of the bot's webhook in this channel."""
    return f"{PREFIX}webhook:{channel_id}"


def guidelines(guild_id: int) -> str:
    """String: the guild's guidelines."""
    return f"{PREFIX}guidelines:{guild_id}"


def host(token_digest: str) -> str:
    """String: the process that holds the lease of this bot token."""
    return f"{PREFIX}host:{token_digest}"
