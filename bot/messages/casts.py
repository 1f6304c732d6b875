"""Messages of `/summon`, `/dismiss` and `/cast`, and what the menu of the greeting shows."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed, Markup, Message


class Joins(Filled, id="casts.joins"):
    """The character has come; `how` is how to talk to it."""

    name: str
    how: Message


JUST_WRITE: Final = Fixed("casts.just_write")


class UseSay(Filled, id="casts.use_say"):
    """Talking takes a command; `why` is the reason."""

    why: Message


class SayToTalk(Filled, id="casts.say_to_talk"):
    """Talking takes a call, like `@Mira`."""

    call: str


class Leaves(Filled, id="casts.leaves"):
    """The character was sent away."""

    name: str


class Entry(Filled, id="casts.entry"):
    """A character in `/cast`, by what is to be told of it."""

    parts: tuple[Message, ...]


class EntryWithFace(Filled, id="casts.entry_with_face"):
    """The same behind an emoji that is the character's avatar."""

    face: Markup
    parts: tuple[Message, ...]


class Name(Filled, id="casts.name"):
    """The character's name."""

    name: str


class Mood(Filled, id="casts.mood"):
    """The mood whose avatar it shows."""

    mood: str


class Status(Filled, id="casts.status"):
    """What it says that it is doing."""

    status: str


class AnswersTo(Filled, id="casts.answers_to"):
    """How it is called."""

    calls: tuple[str, ...]


class Description(Filled, id="casts.description"):
    """Who it is, below its entry."""

    entry: Message
    description: str


class FileGone(Filled, id="casts.file_gone"):
    """A character of the room whose file was deleted."""

    name: str


INHERITED: Final = Fixed("casts.inherited")
SUMMON_MENU: Final = Fixed("casts.summon_menu", limit=150)

AWAKE: Final = Fixed("casts.awake")
ASLEEP: Final = Fixed("casts.asleep")
SPEAKING: Final = Fixed("casts.speaking")


class Waiting(Filled, id="casts.waiting"):
    """The character's turn waits for an app-server."""

    place: int
