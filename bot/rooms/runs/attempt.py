"""One try to have a model answer a turn: the prompt window, the speech, and how far both came.

`bot.rooms.turns.model_turns` makes attempts, `bot.rooms.turns.model_stream` follows the model's
events, and `bot.rooms.runs.turn_run` draws how attempts follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.domain.speech import Speech
from bot.domain.turn import Session
from bot.rooms.ports.mind import LeasedMind
from bot.rooms.runs.prompt_window import PromptWindow

# How often a running prompt is added to. The model starts anew after each addition; further
# messages wait for the next turn, or a person who writes every second would never be answered.
ADDITIONS_LIMIT = 3


class AttemptEnd(Enum):
    """How an attempt ended that did not fail."""

    COMPLETE = auto()
    """No further words are wanted: the model has finished, or the answer was cut."""
    STOPPED = auto()
    """A person stopped the turn, perhaps before a model was asked."""
    TARGET_DELETED = auto()
    """Every message that was to be answered has been deleted."""


@dataclass(slots=True)
class Attempt:
    """One try to have the model answer, as far as it has come."""

    window: PromptWindow
    speech: Speech
    session: Session | None = None
    """Of the Codex thread that was asked; None before, and once the prompt was forgotten there."""
    lease: LeasedMind | None = None
    """The leased mind, while its events are followed."""
    additions: int = 0
    """How often the prompt was added to."""
    is_unsure: bool = False
    """Whether a `turn/steer` was never acknowledged."""
    finished: bool = False
    """Whether the model said that its turn is complete."""
    cut: bool = False
    """Whether the answer ends early for another reason than a person's stop."""
    repeats: int | None = None
    """Position in the speech from which the model repeats itself; None if it does not."""
    held: int = 0
    """Tokens that the Codex thread holds after the answer; 0 while not known."""

    @property
    def said_all(self) -> bool:
        """Whether nothing that could follow is wanted."""
        return self.finished or self.speech.is_over

    def ask(self, session: Session, since: int) -> None:
        """Record that this session is asked about the messages after the position `since`."""
        self.session, self.window.since = session, since
