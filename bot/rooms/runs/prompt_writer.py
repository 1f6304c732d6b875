"""How prompts and replayed history are written for a model. Owns the notes below a prompt.

`bot.domain.transcript` owns the form of a transcript; `thread_sync` chooses the messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.domain import transcript
from bot.domain.lateness import lateness, note
from bot.domain.model_profile import TranscriptStyle
from bot.domain.sanitizing import clean_name
from bot.domain.turn import Line, Session
from bot.domain.utterance import Image, Utterance
from bot.rooms.ports.mind import Mind
from bot.rooms.runs.fallbacks import PromptSize
from bot.rooms.runs.turn_run import TurnRun

# Notes stand at the left edge of a line, where no person's words can stand.
BLIND = "[You cannot look at these pictures. Say so when it matters.]"
GO_ON = "[You are asked to go on where you stopped: carry straight on, repeat nothing.]"
PLAIN = "[Answer with {name}'s own words only: nobody's name in front, nobody else's words.]"


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt for the Codex thread of `session`, which is ready to answer it."""

    session: Session
    words: str
    since: int
    """The prompt holds messages after this position."""
    images: tuple[Image, ...]
    is_blind: bool
    """Whether the model is shown no pictures."""
    size: PromptSize
    """How much the prompt holds, and the history if the Codex thread was begun for it."""


@dataclass(frozen=True, slots=True)
class Added:
    """Words for a prompt that is being answered."""

    words: str
    told: frozenset[int]
    """Ids of the messages in `words`."""


class PromptWriter:
    """Writes talk in the style that a character's model takes."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind

    def prompt(self, run: TurnRun, talk: Sequence[Utterance], *, hides_pictures: bool) -> str:
        """Return the words of a prompt: `talk`, and notes for the model; empty without any."""
        fallbacks, name = run.fallbacks, clean_name(run.character.name)
        waited = lateness(run.turn, max(run.asked), run.request.now())
        notes = (
            BLIND if hides_pictures else "",
            note(waited) if waited is not None else "",
            GO_ON if run.goes_on else "",
            PLAIN.format(name=name) if fallbacks.plain else "",
        )
        return "\n".join(filter(None, (self.talk(run, talk), *notes)))

    def talk(self, run: TurnRun, talk: Sequence[Utterance]) -> str:
        """Return `talk` as a transcript."""
        people = run.attempt.speech.people
        return transcript.render(talk, self._style(run), own=run.character.name, people=people)

    async def history(self, run: TurnRun, talk: Sequence[Utterance]) -> list[Line]:
        """Return `talk` as lines with true roles.

        In an OS thread: two thousand messages take a tenth of a second.
        """
        character = run.character
        write = partial(transcript.lines, own=character.name, people=run.attempt.speech.people)
        return await asyncio.to_thread(write, talk, character.key, self._style(run))

    def _style(self, run: TurnRun) -> TranscriptStyle:
        """Return the model's style, or the plainest if the model copied what it was shown."""
        if run.fallbacks.plain:
            return TranscriptStyle.NAMES
        return self._mind.profile(run.character).style
