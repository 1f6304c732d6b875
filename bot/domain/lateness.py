"""When an answer or an edit is late enough to say so. Pure.

After an outage, or behind a long queue, talk has moved on: the person who asked should see which
message is answered, and the character should know that time has passed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.turn import Turn
from bot.domain.utterance import Utterance, moment_of

LATE = timedelta(minutes=2)
"""Age of a message from which on its answer counts as late."""
FRESH = timedelta(minutes=1)
"""Age of a message up to which an edit is still answered. Both times are by Discord's clock."""


def is_fresh(said: Utterance) -> bool:
    """Return whether a message was edited soon enough for newly named characters to answer."""
    return said.edited_at is not None and said.edited_at - said.at <= FRESH


def lateness(turn: Turn, trigger: int, now: datetime) -> timedelta | None:
    """Return how long message `trigger` has waited for `turn`; None if `turn` is not late.

    A regenerated answer is never late.
    """
    waited = now - moment_of(trigger)
    return None if waited < LATE or turn.takes else waited


def note(waited: timedelta) -> str:
    """Return a line that tells the model of the delay.

    Its form, at the left edge and in brackets, is impossible for an utterance.
    """
    minutes = int(waited.total_seconds() // 60)
    return f"[That was said {minutes} minutes ago; you could not answer sooner.]"
