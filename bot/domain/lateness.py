"""When an answer, or an edit, comes so late that it is to be told. Pure.

After an outage, or behind a long queue, talk has moved on: who asked should see what is answered,
and the character should know that time has passed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.turn import Turn
from bot.domain.utterance import Utterance, moment_of

LATE = timedelta(minutes=2)
FRESH = timedelta(minutes=1)
"""From a message to an edit that is still answered; both by Discord's clock."""


def is_fresh(said: Utterance) -> bool:
    """Whether an edited message was edited so soon that whom it names only now still answers."""
    return said.edited_at is not None and said.edited_at - said.at <= FRESH


def lateness(turn: Turn, trigger: int, now: datetime) -> timedelta | None:
    """For how long message `trigger` has waited for `turn`; None when that is not worth a word.

    An answer that is given anew, at somebody's wish, is not late.
    """
    waited = now - moment_of(trigger)
    return None if waited < LATE or turn.takes else waited


def note(waited: timedelta) -> str:
    """A line for the model, in a form that no utterance can have: at the left edge, in brackets."""
    minutes = int(waited.total_seconds() // 60)
    return f"[That was said {minutes} minutes ago; you could not answer sooner.]"
