"""Why a character spoke or kept silent, in plain words. Owns the record of decisions.

What is written here never decides anything again but one thing: a message that is heard a second
time, after a restart say, is answered by those who were to answer it the first time.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bot.domain.decision import Decision
from bot.domain.turn import Turn
from bot.errors import StoreError
from bot.message_data import Message
from bot.messages.why import NOBODY_WAS_HERE, line_of
from bot.rooms.ports import Ledger

log = logging.getLogger(__name__)

# Decisions kept for each room: of what is read of a gap (`catching_up.MOST`) each one that was made
# is known, with those of characters among them. Some 400 bytes each.
KEPT = 150


class DecisionStore(Protocol):
    """Where the newest decisions of each room are kept."""

    async def decisions(self, room_id: int) -> list[Decision]:
        """What was decided there lately, newest first."""
        ...

    async def keep_decision(self, decision: Decision) -> None:
        """Add one, and let the oldest go."""
        ...


class Why:
    """Keeps decisions and tells them."""

    def __init__(self, *, store: DecisionStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    async def record(self, decision: Decision) -> None:
        """Keep a decision. Failing to is logged: the answers do not depend on it."""
        try:
            await self._store.keep_decision(decision)
        except StoreError as error:
            log.warning("a decision cannot be kept: %s", error)

    async def decided(self, room_id: int, trigger: int) -> Decision | None:
        """What was decided about a message, if that is still known. Raises `StoreError`."""
        found = await self._store.decisions(room_id)
        return next((one for one in found if one.trigger == trigger), None)

    async def latest(self, room_id: int) -> list[Decision]:
        """What was decided about the last person's message and what followed, oldest first.

        Raises `StoreError`.
        """
        found: list[Decision] = []
        for one in await self._store.decisions(room_id):
            found.insert(0, one)
            if not one.followed:
                break
        return found

    async def of_message(self, room_id: int, trigger: int) -> list[Message] | None:
        """In words, what was decided about a message; None when that is not known any more.

        `trigger` is the message that was to be answered. Raises `StoreError`.
        """
        decision = await self.decided(room_id, trigger)
        return None if decision is None else await self.tell(decision)

    async def turn_of(self, room_id: int, message_id: int) -> Turn | None:
        """The turn that said this message in that room. Raises `StoreError`."""
        turn = await self._ledger.turn_of(message_id)
        return turn if turn is not None and turn.room.id == room_id else None

    async def tell(self, decision: Decision) -> list[Message]:
        """A decision as messages, a line for each character. Raises `StoreError`."""
        rows: list[Message] = []
        for one in decision.verdicts:
            turn_id = f"{decision.room_id}:{one.character}:{decision.trigger}"
            turn = await self._ledger.turn(turn_id) if one.speaks else None
            rows.append(line_of(one, turn))
        return rows or [NOBODY_WAS_HERE]
