"""Outcomes of turns: reported to the host, and their tokens counted."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.errors import StoreError
from bot.rooms.decisions.budgets import Budgets
from bot.rooms.decisions.spending import Spending
from bot.rooms.runs.turn_results import Outcome
from bot.tasks import Tasks

log = logging.getLogger(__name__)


class Outcomes:
    """Counts tokens and reports outcomes to `on_outcome`: metrics and the health of turns."""

    def __init__(
        self,
        *,
        spending: Spending,
        budgets: Budgets,
        tasks: Tasks,
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self._spending = spending
        self._budgets = budgets
        self._tasks = tasks
        self._on_outcome = on_outcome

    def ended(self, outcome: Outcome) -> None:
        """Report the outcome and count its tokens; never blocks."""
        self._on_outcome(outcome)
        self._spending.count_tokens(outcome.tokens)
        if outcome.tokens:
            self._tasks.start("spent", self._spend(outcome.turn.room.id, outcome.tokens))

    async def _spend(self, room_id: int, tokens: int) -> None:
        try:
            await self._budgets.use(room_id, tokens=tokens)
        except StoreError as error:
            log.warning("%d tokens cannot be recorded: %s", tokens, error)
