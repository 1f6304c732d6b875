"""Fallbacks for a prompt that failed: without pictures, with less history, or in the plain form.

Owns which fallback is tried next. `model_turns` asks the model; `thread_sync` builds the prompt.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.allowance import Allowance, of_window
from bot.domain.model_profile import ModelProfile
from bot.errors import TurnFailedError, TurnFailure

log = logging.getLogger(__name__)

# Failures that pictures cannot cause: the login, the limits, a person's stop, an endless answer.
# Pictures may be the cause of every other failure: text-only models refuse them in very different
# ways (llama.cpp with 500, LiteLLM with 400, OpenRouter with 404).
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
# Failures by which a model refuses all pictures, if it answers without them. Other failures are
# transient, or concern these pictures alone.
_REFUSALS = frozenset(
    {
        TurnFailure.BAD_REQUEST,
        TurnFailure.WRONG_ADDRESS,
        TurnFailure.MODEL_UNKNOWN,
        TurnFailure.OTHER,
    }
)
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class PromptSize:
    """How much a prompt and its Codex thread held when the prompt was sent."""

    used: Allowance
    """Tokens of history and of the prompt; the allowance, where a part is not known."""
    is_new_thread: bool = False
    """Whether the Codex thread was begun for this prompt, so that `used` covers all of it."""


@dataclass(slots=True)
class Fallbacks:
    """The fallbacks of one turn, over all its attempts."""

    blind: bool = False
    """The model is shown no pictures."""
    refuses_pictures: bool = False
    """The model is shown no pictures because it seems to have refused some in this turn."""
    plain: bool = False
    """The prompt is written in the plainest style, because the model answered for others."""
    allowance: Allowance | None = None
    """How much the prompt may hold; None before the first attempt."""
    changes: int = 0
    """How many fallbacks were taken."""
    deaths: int = 0
    """App-servers that died during the turn."""

    @property
    def may_hold(self) -> Allowance:
        """How much the prompt may hold."""
        return self.allowance or Allowance()

    def fit(self, profile: ModelProfile) -> None:
        """Fit the next prompt to what the model takes."""
        self.blind = self.blind or not profile.pictures
        self.allowance = self.allowance or of_window(profile.window)

    def plainly(self, error: TurnFailedError) -> bool:
        """Return whether to ask again in the plain style, when all words were written for others.

        Most often such words imitate the transcript's own form.
        """
        if error.reason is not TurnFailure.EMPTY or self.plain:
            return False
        self.plain = True
        self.changes += 1
        return True

    def without_pictures(self, error: TurnFailedError) -> bool:
        """Return whether to ask again without the pictures of the prompt."""
        if error.reason in _NOT_BY_PICTURES:
            return False
        self.blind = True
        self.refuses_pictures = error.reason in _REFUSALS or error.status == _SERVER_ERROR
        self.changes += 1
        log.info("asked once more without its pictures: %s", error)
        return True

    def with_less_talk(
        self, error: TurnFailedError, size: PromptSize, before: int | None, now: int | None
    ) -> bool:
        """Return whether to ask again in a new Codex thread with less history; a few times at most.

        `size` is that of the failed prompt. `before` is the model's window in tokens as it was
        known for this attempt, `now` as the error tells it; None where not known.
        """
        if error.reason is not TurnFailure.CONTEXT_FULL or self.allowance is None:
            return False
        if now is not None and (now != before or not size.is_new_thread):
            self.allowance = of_window(now)
        else:
            self.allowance = self.allowance.less(size.used)
        if self.allowance is None:
            return False
        self.changes += 1
        log.warning("the context is full: a new Codex thread gets at most %s", self.allowance)
        return True

    def count_death(self, *, with_pictures: bool) -> None:
        """Count a dead app-server; after two with the same pictures, those are left out."""
        self.deaths += 1
        self.blind = self.blind or (with_pictures and self.deaths > 1)
