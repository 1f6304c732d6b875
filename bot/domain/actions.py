"""What characters can do in a room besides talking, and which powers that asks for.

Owns names, values and limits. Who has which power is Discord's to say; what a room denies is in
its `Policy`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bot.errors import RefusedError

# In one turn. A model that runs wild must not fill a room.
ACTIONS_LIMIT = 10
# Discord's own limits, from its documentation (“Poll Resource”, “Channel Resource”).
QUESTION_LIMIT = 300
ANSWER_LIMIT = 55
ANSWERS_LIMIT = 10
HOURS_LIMIT = 768
THREAD_NAME_LIMIT = 100
# Characters. Ours: what is longer is not a whisper, a status, or a file of a chat.
WHISPER_LIMIT = 1_800
STATUS_LIMIT = 80
FILE_LIMIT = 30_000
FILE_NAME_LIMIT = 60


class Action(StrEnum):
    """What a room can deny: the names of the tools, as models and admins know them."""

    REACT = "react"
    REPLY_TO = "reply_to"
    POLL = "poll"
    OPEN_THREAD = "open_thread"
    PIN = "pin"
    SEND_FILE = "send_file"
    WHISPER = "whisper"
    SET_STATUS = "set_status"
    SET_MOOD = "set_mood"


class Power(StrEnum):
    """What Discord allows somebody in a channel, by Discord's own name for it."""

    REACT = "Add Reactions"
    POLL = "Create Polls"
    THREAD = "Create Public Threads"
    PIN = "Pin Messages"
    FILE = "Attach Files"


# Needed by the bot, and by the person who is answered: nobody gets through a character what
# Discord denies to them. Actions that are not here change nothing that Discord guards.
POWERS: Mapping[Action, Power] = MappingProxyType(
    {
        Action.REACT: Power.REACT,
        Action.POLL: Power.POLL,
        Action.OPEN_THREAD: Power.THREAD,
        Action.PIN: Power.PIN,
        Action.SEND_FILE: Power.FILE,
    }
)


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the room, open for `hours`. `several`: one may choose more than one answer."""

    question: str
    answers: tuple[str, ...]
    hours: int = 24
    several: bool = False

    def __str__(self) -> str:
        """As it stands in a transcript."""
        return f"[poll: {self.question} ({' / '.join(self.answers)})]"


def poll(question: str, answers: list[str], hours: int, *, several: bool) -> Poll:
    """A poll that Discord takes. Raises `RefusedError` with what is wrong."""
    question = one_line(question)
    if not 1 <= len(question) <= QUESTION_LIMIT:
        raise RefusedError(f"A question has 1 to {QUESTION_LIMIT} characters.")
    answers = [one_line(answer) for answer in answers]
    if not 2 <= len(answers) <= ANSWERS_LIMIT or len(set(answers)) < len(answers):
        raise RefusedError(f"A poll has 2 to {ANSWERS_LIMIT} different answers.")
    if not all(1 <= len(answer) <= ANSWER_LIMIT for answer in answers):
        raise RefusedError(f"An answer has 1 to {ANSWER_LIMIT} characters.")
    if not 1 <= hours <= HOURS_LIMIT:
        raise RefusedError(f"A poll is open for 1 to {HOURS_LIMIT} hours.")
    return Poll(question, tuple(answers), hours, several)


# Plain text in all of them: nothing that a click would run.
_ENDING = re.compile(
    r"txt|md|csv|tsv|jsonl?|ya?ml|toml|ini|xml|log|py|rs|go|c|h|cpp|hpp|java|kt|cs|rb|lua|sql|ts"
    r"|css|diff|tex|srt|ics",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_EDGES = "-_. "


def file_name(wanted: str) -> str:
    """A harmless name close to the one `wanted`: no folders, no hidden files, a text's ending.

    Also one that Discord keeps as it is: it takes accents, other letters and edges off, and a file
    that is called otherwise than it was sent would not be known again after a cut line.
    """
    named = unicodedata.normalize("NFKD", wanted.replace("\\", "/").rsplit("/", maxsplit=1)[-1])
    bare = "".join(sign for sign in named if not unicodedata.combining(sign))
    base = _UNSAFE.sub("-", bare)
    stem, dot, ending = base.rpartition(".")
    if not dot or not _ENDING.fullmatch(ending):
        stem, ending = base.strip(_EDGES), "txt"
    stem = stem.replace(".", "-").strip(_EDGES)[: FILE_NAME_LIMIT - len(ending) - 1]
    return f"{stem or 'text'}.{ending}"


def one_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
