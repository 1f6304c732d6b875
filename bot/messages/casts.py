"""Messages of `/summon`, `/dismiss` and `/cast`, and of the greeting's menu."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed, Markup, Message


class Joins(Filled, id="casts.joins"):
    """The character was summoned; `how` is how to talk to it."""

    name: str
    how: Message


JUST_WRITE: Final = Fixed("casts.just_write")


class UseSay(Filled, id="casts.use_say"):
    """Talking requires `/say`; `why` is the reason."""

    why: Message


class SayToTalk(Filled, id="casts.say_to_talk"):
    """Talking requires an address like `@Mira`."""

    call: str


class Leaves(Filled, id="casts.leaves"):
    """The character was dismissed."""

    name: str


class Entry(Filled, id="casts.entry"):
    """A character in `/cast`: name, mood, status, state and addresses."""

    parts: tuple[Message, ...]


class EntryWithFace(Filled, id="casts.entry_with_face"):
    """A character in `/cast`, behind an emoji of its avatar."""

    face: Markup
    parts: tuple[Message, ...]


class Name(Filled, id="casts.name"):
    """The character's name."""

    name: str


class Mood(Filled, id="casts.mood"):
    """The character's mood, which determines its avatar."""

    mood: str


class Status(Filled, id="casts.status"):
    """The status that the character has set."""

    status: str


class AnswersTo(Filled, id="casts.answers_to"):
    """The names by which people can address the character."""

    calls: tuple[str, ...]


class Description(Filled, id="casts.description"):
    """An entry with the character's description below."""

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
    """The position in the queue, from 1."""
