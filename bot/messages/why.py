"""Messages that say why a character spoke or kept silent, and what became of its turn."""

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
    """No decision about a message is known; `kept` is how many of a room are."""

    kept: int


class Heading(Filled, id="why.heading"):
    """Above the verdicts on a message of `speaker`'s, with a link to it."""

    speaker: str
    link: Markup


class HeadingOfSomebody(Filled, id="why.heading_of_somebody"):
    """The same where the speaker's name has no letters."""

    link: Markup


class Because(Filled, id="why_reason", by="reason"):
    """Why a character is to speak. `detail` is what the reason rests on."""

    reason: Reason
    detail: str


class NamedBy(Filled, id="why.named_by"):
    """Another character named it."""

    name: str


class Silenced(Filled, id="why_silence", by="silence", without=(SkipReason.ROLLED,)):
    """What kept a character silent."""

    silence: SkipReason
    minutes: int


class But(Filled, id="why.but"):
    """Something was for it, and something against it."""

    reason: Message
    silence: Message


class Line(Filled, id="why.line"):
    """One character's part in a decision, with what came of it."""

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
    """A person edited the reply, and the character went on from there."""

    editor: str


_NOTES: Final[Mapping[str, Message]] = {
    EndNote.SENT_AWAY: Fixed("why_note.sent_away"),
    EndNote.PAUSED: Fixed("why_note.paused"),
    EndNote.TOO_OLD: Fixed("why_note.too_old"),
}
"""Why a turn ended without an answer, by the note on its record: parts of a sentence."""


class OneOfTakes(Filled, id="why_outcome.take"):
    """Which of several takes is shown, after what else is to be said of them."""

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
    """What a decision says of one character, and what came of it."""
    return Line(verdict.name, in_words(verdict), came_to(turn))


def of_turn(turn: Turn, name: str) -> Message:
    """Why a turn was taken, by the turn's own record."""
    return line_of(Verdict(turn.character, name, turn.reason, None, turn.detail), turn)


def in_words(verdict: Verdict) -> Message:
    """What a verdict says, without the name and the full stop."""
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
    """What became of it, where that is not plain to see."""
    if turn is None:
        return NOTHING_TO_TELL
    if not turn.text:
        return _without_words(turn)
    whose = _whose(turn)
    return OneOfTakes(whose, turn.take + 1, len(turn.takes)) if len(turn.takes) > 1 else whose


def _whose(turn: Turn) -> Message:
    """Who wrote the words that are shown, where that is not the character at its first asking."""
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
        return NOTHING_TO_TELL  # it was to be taken back, and stands
    if turn.note.startswith("answered together"):
        return TOGETHER
    said = " ".join(turn.note.split())  # a model's own words: no lines of its own
    return KeptSilent(said) if said else NOTHING_TO_TELL
