"""Messages of `/diagnose`: what would keep the bot from working in a channel, and the fixes."""

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
    """A row about something that is wrong."""

    what: Message


class Warned(Filled, id="diagnosis.warned"):
    """A row about something that may become wrong."""

    what: Message


class Lacks(Filled, id="diagnosis.lacks"):
    """The bot lacks `permission`, which is Discord's name for it."""

    permission: str
    needed: Message


class Part(Filled, id="diagnosis.part"):
    """A part of the bot reports a problem."""

    part: str
    problem: str


class ModelFault(Filled, id="diagnosis.model_fault"):
    """Something is wrong with a model; `doctor` is the command that says more."""

    model: str
    fault: str
    doctor: str


class FileFault(Filled, id="diagnosis.file_fault"):
    """Something is wrong with a character's file."""

    fault: str


class MoreFileFaults(Filled, id="diagnosis.more_file_faults"):
    """So many faults of files are left out."""

    count: int


class Here(Filled, id="diagnosis.here"):
    """Who is in the room."""

    names: tuple[str, ...]


class HereAsInChannel(Filled, id="diagnosis.here_as_in_channel"):
    """Who is in a thread that has its channel's cast."""

    names: tuple[str, ...]


class LastFailed(Filled, id="diagnosis.last_failed"):
    """The last turn failed."""

    at: datetime
    why: Message


class Model(Filled, id="diagnosis.model"):
    """What is known of a model, in short."""

    model: str
    facts: tuple[Message, ...]


class Fact(Filled, id="diagnosis.fact"):
    """One thing that is known of a model."""

    name: str
    value: str
