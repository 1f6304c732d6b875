"""What Discord accepts as an action's arguments: polls, names of files, single lines.

Owns the limits and the clean-up of what a model wrote.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot import action_refusals
from bot.errors import RefusedError

# Discord's own limits, from its documentation (“Poll Resource”, “Channel Resource”).
QUESTION_LIMIT = 300
ANSWER_LIMIT = 55
ANSWERS_LIMIT = 10
HOURS_LIMIT = 768
THREAD_NAME_LIMIT = 100
# Characters. Our own limits for a file in a chat and its name.
FILE_LIMIT = 30_000
FILE_NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the room."""

    question: str
    answers: tuple[str, ...]
    hours: int = 24
    """How long people can vote."""
    several: bool = False
    """Whether a person may choose more than one answer."""

    def __str__(self) -> str:
        """Return the poll as a transcript shows it."""
        return f"[poll: {self.question} ({' / '.join(self.answers)})]"


def poll(question: str, answers: list[str], hours: int, *, several: bool) -> Poll:
    """Return a poll that Discord accepts. Raises `RefusedError` with the rule that is broken."""
    question = one_line(question)
    if not 1 <= len(question) <= QUESTION_LIMIT:
        raise RefusedError(action_refusals.QuestionLength(QUESTION_LIMIT))
    answers = [one_line(answer) for answer in answers]
    if not 2 <= len(answers) <= ANSWERS_LIMIT or len(set(answers)) < len(answers):
        raise RefusedError(action_refusals.AnswerCount(ANSWERS_LIMIT))
    if not all(1 <= len(answer) <= ANSWER_LIMIT for answer in answers):
        raise RefusedError(action_refusals.AnswerLength(ANSWER_LIMIT))
    if not 1 <= hours <= HOURS_LIMIT:
        raise RefusedError(action_refusals.PollHours(HOURS_LIMIT))
    return Poll(question, tuple(answers), hours, several)


# Endings of plain-text files only: a click on one runs nothing.
_ENDING = re.compile(
    r"txt|md|csv|tsv|jsonl?|ya?ml|toml|ini|xml|log|py|rs|go|c|h|cpp|hpp|java|kt|cs|rb|lua|sql|ts"
    r"|css|diff|tex|srt|ics",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_EDGES = "-_. "


def file_name(wanted: str) -> str:
    """Return a harmless name close to `wanted`: no folders, no hidden files, a text's ending.

    Discord strips accents, letters outside ASCII and signs at the edges from names, and a file
    under a changed name would not be recognised after a lost connection. So they are stripped here.
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
    """Return `text` on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
