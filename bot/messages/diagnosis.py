"""Messages of `/diagnose`: faults that keep the bot from working in a channel, with fixes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.message_data import Filled, Fixed, Message

NOT_CONNECTED: Final = Fixed("diagnosis.not_connected")
NO_NEW_ANSWERS: Final = Fixed("diagnosis.no_new_answers")
NOTHING_WRONG: Final = Fixed("diagnosis.nothing_wrong")
LOCKED: Final = Fixed("diagnosis.locked")
NO_INTENT: Final = Fixed("diagnosis.no_intent")
NO_CHARACTERS: Final = Fixed("diagnosis.no_characters")
NOBODY_HERE: Final = Fixed("diagnosis.nobody_here")
NO_WEBHOOKS: Final = Fixed("diagnosis.no_webhooks")


class Wrong(Filled, id="diagnosis.wrong"):
    """A row about a fault."""

    what: Message


class Warned(Filled, id="diagnosis.warned"):
    """A row about a warning."""

    what: Message


class Lacks(Filled, id="diagnosis.lacks"):
    """The bot lacks a permission."""

    permission: str
    """Discord's name of the permission."""
    needed: Message
    """The purpose of the permission."""


class Part(Filled, id="diagnosis.part"):
    """A part of the bot reports a problem."""

    part: str
    problem: str


class ModelFault(Filled, id="diagnosis.model_fault"):
    """A model has a fault."""

    model: str
    fault: str
    doctor: str
    """The command line that tells more."""


class FileFault(Filled, id="diagnosis.file_fault"):
    """A character's file has a fault."""

    fault: str


class MoreFileFaults(Filled, id="diagnosis.more_file_faults"):
    """How many faults of files are left out."""

    count: int


class Here(Filled, id="diagnosis.here"):
    """The characters in the room."""

    names: tuple[str, ...]


class HereAsInChannel(Filled, id="diagnosis.here_as_in_channel"):
    """The characters in a Discord thread that inherits its channel's cast."""

    names: tuple[str, ...]


class LastFailed(Filled, id="diagnosis.last_failed"):
    """The last turn failed."""

    at: datetime
    why: Message


class Model(Filled, id="diagnosis.model"):
    """The known properties of a model, in short."""

    model: str
    facts: tuple[Message, ...]


class Fact(Filled, id="diagnosis.fact"):
    """A known property of a model."""

    name: str
    value: str
