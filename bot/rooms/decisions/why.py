"""Explains in plain words why characters spoke or kept silent. Owns the record of decisions.

The record has one other reader: a message that is redelivered, for example after a restart, is
answered by the characters of the recorded decision.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bot.domain.decision import Decision
from bot.domain.turn import Turn
from bot.errors import StoreError
from bot.message_data import Message
from bot.messages.why import NOBODY_WAS_HERE, line_of
from bot.rooms.ports.ledger import Ledger

log = logging.getLogger(__name__)

# Decisions kept for each room, about 400 bytes each: enough to know every decision about a missed
# range (`backfill.MOST`), with characters' messages in between.
KEPT = 150


class DecisionStore(Protocol):
    """Persistent record of each room's newest decisions."""

    async def decisions(self, room_id: int) -> list[Decision]:
        """Return the room's recorded decisions, newest first."""
        ...

    async def keep_decision(self, decision: Decision) -> None:
        """Add a decision and evict the oldest."""
        ...


class Why:
    """Records decisions and explains them."""

    def __init__(self, *, store: DecisionStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    async def record(self, decision: Decision) -> None:
        """Record a decision. A failure is only logged: no answer depends on the record."""
        try:
            await self._store.keep_decision(decision)
        except StoreError as error:
            log.warning("cannot record a decision: %s", error)

    async def decided(self, room_id: int, trigger: int) -> Decision | None:
        """Return the recorded decision about a message, or None. Raises `StoreError`."""
        found = await self._store.decisions(room_id)
        return next((decision for decision in found if decision.trigger == trigger), None)

    async def latest(self, room_id: int) -> list[Decision]:
        """Return the decisions about the last person's message and its answers, oldest first.

        Raises `StoreError`.
        """
        found: list[Decision] = []
        for decision in await self._store.decisions(room_id):
            found.insert(0, decision)
            if not decision.followed:
                break
        return found

    async def of_message(self, room_id: int, trigger: int) -> list[Message] | None:
        """Explain the decision about the message `trigger`; None if it is no longer recorded.

        Raises `StoreError`.
        """
        decision = await self.decided(room_id, trigger)
        return None if decision is None else await self.tell(decision)

    async def turn_of(self, room_id: int, message_id: int) -> Turn | None:
        """Return the turn that posted the message in the room, or None. Raises `StoreError`."""
        turn = await self._ledger.turn_of(message_id)
        return turn if turn is not None and turn.room.id == room_id else None

    async def tell(self, decision: Decision) -> list[Message]:
        """Explain a decision, with a line for each character. Raises `StoreError`."""
        rows: list[Message] = []
        for verdict in decision.verdicts:
            turn_id = f"{decision.room_id}:{verdict.character}:{decision.trigger}"
            turn = await self._ledger.turn(turn_id) if verdict.speaks else None
            rows.append(line_of(verdict, turn))
        return rows or [NOBODY_WAS_HERE]
