"""How a question is put, and how one that failed is put once more: without its pictures, with less
talk, or plainly.

Owns the choice of the way; `thinking` asks, `recollection` says what a question holds.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.domain.allowance import Allowance, of_window
from bot.domain.model_profile import ModelProfile
from bot.errors import TurnFailedError, TurnFailure

log = logging.getLogger(__name__)

# The login, the limits, and what a person or an answer without an end has stopped: pictures are not
# to blame. They may be for all else: text-only models refuse them in very different ways
# (llama.cpp with 500, LiteLLM with 400, OpenRouter with 404).
_NOT_BY_PICTURES = frozenset(
    {
        TurnFailure.UNAUTHORIZED,
        TurnFailure.USAGE_LIMIT,
        TurnFailure.RATE_LIMIT,
        TurnFailure.NO_CREDIT,
        TurnFailure.INTERRUPTED,
        TurnFailure.ENDLESS,
    }
)
# What failed for its pictures if it is answered without: the others pass by themselves, or are
# about these pictures alone.
_REFUSALS = frozenset(
    {
        TurnFailure.BAD_REQUEST,
        TurnFailure.WRONG_ADDRESS,
        TurnFailure.MODEL_UNKNOWN,
        TurnFailure.OTHER,
    }
)
_SERVER_ERROR = 500


@dataclass(slots=True)
class Way:
    """How the question of one turn is put, over all its tries."""

    blind: bool = False
    """The model is shown no pictures."""
    refuses_pictures: bool = False
    """It is shown none because it refused some in this turn, as far as can be known."""
    plain: bool = False
    """It is asked in the plainest form, since it answered for others."""
    allowance: Allowance | None = None
    """How much the question may hold; None before the first try."""
    used: Allowance = field(default_factory=Allowance)
    """What the last try held."""
    replayed: bool = False
    """The last try's thread was begun for it, so all that it held is known."""
    changes: int = 0
    """How often it was put another way."""
    deaths: int = 0
    """App-servers that died over it."""

    @property
    def may_hold(self) -> Allowance:
        """How much the question may hold."""
        return self.allowance or Allowance()

    def take(self, profile: ModelProfile) -> None:
        """Another try begins, at a model that takes this much."""
        self.blind = self.blind or not profile.pictures
        self.allowance = self.allowance or of_window(profile.window)
        self.used, self.replayed = self.allowance, False

    def plainly(self, error: TurnFailedError) -> bool:
        """Whether it is put once more, when all that was written was for others.

        Most often that was in the transcript's own form.
        """
        if error.reason is not TurnFailure.EMPTY or self.plain:
            return False
        self.plain = True
        self.changes += 1
        return True

    def without_pictures(self, error: TurnFailedError) -> bool:
        """Whether a question with pictures is put once more without them."""
        if error.reason in _NOT_BY_PICTURES:
            return False
        self.blind = True
        self.refuses_pictures = error.reason in _REFUSALS or error.status == _SERVER_ERROR
        self.changes += 1
        log.info("asked once more without its pictures: %s", error)
        return True

    def with_less_talk(self, error: TurnFailedError, before: int | None, now: int | None) -> bool:
        """Whether it is put once more in a new thread that is told less; a few times at most.

        `before` is the model's window as it was known for this try, `now` as the error tells it.
        """
        if error.reason is not TurnFailure.CONTEXT_FULL or self.allowance is None:
            return False
        if now is not None and (now != before or not self.replayed):
            self.allowance = of_window(now)
        else:
            self.allowance = self.allowance.less(self.used)
        if self.allowance is None:
            return False
        self.changes += 1
        log.warning("the context is full: a new thread is told at most %s", self.allowance)
        return True

    def died(self, *, with_pictures: bool) -> None:
        """The app-server died over it; twice with the same pictures, and they may be why."""
        self.deaths += 1
        self.blind = self.blind or (with_pictures and self.deaths > 1)
