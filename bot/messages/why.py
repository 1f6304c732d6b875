"""Messages that explain why a character spoke or kept silent, and how its turn ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.budget import LONGEST
from bot.domain.decision import SkipReason, Verdict
from bot.domain.end_notes import EndNote
from bot.domain.turn import Reason, Turn, TurnState
from bot.message_data import Filled, Fixed, Markup, Message

NOBODY_HERE: Final = Fixed("why.nobody_here")
NOBODY_WAS_HERE: Final = Fixed("why.nobody_was_here")
NOTHING_LATELY: Final = Fixed("why.nothing_lately")
OF_A_BOT: Final = Fixed("why.of_a_bot")


class Undecided(Filled, id="why.undecided"):
    """No decision about a message is on record; `kept` is how many are kept per room."""

    kept: int


class Heading(Filled, id="why.heading"):
    """The heading of a decision on a message of `speaker`, with a link to the message."""

    speaker: str
    link: Markup


class HeadingOfSomebody(Filled, id="why.heading_of_somebody"):
    """The heading of a decision, for a speaker whose name has no letters."""

    link: Markup


class Because(Filled, id="why_reason", by="reason"):
    """Why a character should speak. `detail` is a keyword, a name or a chance."""

    reason: Reason
    detail: str


class NamedBy(Filled, id="why.named_by"):
    """Another character named the character."""

    name: str


class Silenced(Filled, id="why_silence", by="silence", without=(SkipReason.ROLLED,)):
    """Why a character kept silent."""

    silence: SkipReason
    minutes: int


class But(Filled, id="why.but"):
    """A reason to speak, and the reason that outweighed it."""

    reason: Message
    silence: Message


class Line(Filled, id="why.line"):
    """The verdict on a character, with the outcome of its turn."""

    name: str
    verdict: Message
    outcome: Message


NOTHING_TO_TELL: Final = Fixed("why_outcome.plain")
CONTINUED: Final = Fixed("why_outcome.continued")
TAKEN_BACK: Final = Fixed("why_outcome.taken_back")
NO_ANSWER: Final = Fixed("why_outcome.no_answer")
STILL_ANSWERING: Final = Fixed("why_outcome.still_answering")
TOGETHER: Final = Fixed("why_outcome.together")


class EditedBy(Filled, id="why_outcome.edited"):
    """A person edited the reply."""

    editor: str


class EditedThenContinued(Filled, id="why_outcome.edited_then_continued"):
    """A person edited the reply, and the character continued it from there."""

    editor: str


_NOTES: Final[Mapping[str, Message]] = {
    EndNote.SENT_AWAY: Fixed("why_note.sent_away"),
    EndNote.PAUSED: Fixed("why_note.paused"),
    EndNote.TOO_OLD: Fixed("why_note.too_old"),
}
"""Why a turn ended without an answer, by the note on its record: parts of a sentence."""


class OneOfTakes(Filled, id="why_outcome.take"):
    """Which of several alternatives is shown, after the rest of the outcome."""

    before: Message
    number: int
    count: int


class NoAnswerBecause(Filled, id="why_outcome.no_answer_because"):
    """The turn ended without an answer."""

    note: Message


class KeptSilent(Filled, id="why_outcome.kept_silent"):
    """The character chose to say nothing; `note` is its own reason."""

    note: str


def line_of(verdict: Verdict, turn: Turn | None) -> Message:
    """Explain the verdict on a character, and the outcome of its turn."""
    return Line(verdict.name, in_words(verdict), came_to(turn))


def of_turn(turn: Turn, name: str) -> Message:
    """Explain why a turn was taken, by the turn's own record."""
    return line_of(Verdict(turn.character, name, turn.reason, None, turn.detail), turn)


def in_words(verdict: Verdict) -> Message:
    """Explain a verdict, without the name and the full stop."""
    silence = verdict.silence
    for_it = None if verdict.reason is None else _reason(verdict.reason, verdict.detail)
    if silence is None or silence is SkipReason.ROLLED:
        return for_it or NOTHING_TO_TELL
    against = Silenced(silence, int(LONGEST.total_seconds()) // 60)
    unasked = verdict.reason is Reason.CHANCE and silence is not SkipReason.LOST_DRAW
    return against if for_it is None or unasked else But(for_it, against)


def _reason(reason: Reason, detail: str) -> Message:
    return NamedBy(detail) if reason is Reason.NAMED and detail else Because(reason, detail)


def came_to(turn: Turn | None) -> Message:
    """Return the outcome of a turn, if the room does not show it already."""
    if turn is None:
        return NOTHING_TO_TELL
    if not turn.text:
        return _without_words(turn)
    whose = _whose(turn)
    return OneOfTakes(whose, turn.take + 1, len(turn.takes)) if len(turn.takes) > 1 else whose


def _whose(turn: Turn) -> Message:
    """Return whether a person edited the reply, and whether it was continued."""
    if turn.editor:
        return (EditedThenContinued if turn.continued else EditedBy)(turn.editor)
    return CONTINUED if turn.continued else NOTHING_TO_TELL


def _without_words(turn: Turn) -> Message:
    if turn.state is TurnState.CLOSED:
        if turn.order:
            return TAKEN_BACK
        note = _NOTES.get(turn.note)
        return NO_ANSWER if note is None else NoAnswerBecause(note)
    if turn.state is not TurnState.DONE:
        return STILL_ANSWERING
    if turn.order:
        return NOTHING_TO_TELL  # the reply could not be deleted, and is still shown
    if turn.note.startswith("answered together"):
        return TOGETHER
    reason = " ".join(turn.note.split())  # written by the model, perhaps with line breaks
    return KeptSilent(reason) if reason else NOTHING_TO_TELL
