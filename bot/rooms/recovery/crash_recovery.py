"""Crash recovery: resumes turns that a dead process, or an outage of Discord, left unfinished.

Owns which turns are resumed and which are too old; the turn queues run them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.end_notes import EndNote
from bot.domain.turn import Turn, TurnState
from bot.rooms.ports.clock import Clock
from bot.rooms.ports.ledger import Ledger
from bot.rooms.state.inbox import Inbox
from bot.rooms.turns.turn_queues import TurnQueues

# An unfinished turn older than this is closed: the conversation has moved on.
TOO_OLD_TO_THINK = timedelta(minutes=15)
TOO_OLD_TO_DELIVER = timedelta(hours=6)


class CrashRecovery:
    """Finds unfinished turns in the ledger and queues them, until the inbox closes."""

    def __init__(
        self, *, ledger: Ledger, turn_queues: TurnQueues, inbox: Inbox, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._turn_queues = turn_queues
        self._inbox = inbox
        self._clock = clock
        # Two simultaneous reads would both find the same turns.
        self._reading = asyncio.Lock()

    async def resume(self) -> None:
        """Resume all unfinished turns. Idempotent. Raises `StoreError`."""
        async with self._reading:
            unfinished = await self._unfinished()
            if not self._inbox.is_closed:
                self._turn_queues.take_up(unfinished)

    async def _unfinished(self) -> list[Turn]:
        """Return the turns to resume, and close those that are too old."""
        # A turn that ends during the read is still in the ledger's answer.
        in_hand_before = self._turn_queues.in_hand
        resumed: list[Turn] = []
        for turn in await self._ledger.unfinished():
            if turn.id in in_hand_before | self._turn_queues.in_hand:
                continue
            age = self._clock.now() - turn.accepted_at
            too_old = age > (TOO_OLD_TO_THINK if turn.to_think else TOO_OLD_TO_DELIVER)
            if too_old and turn.order:
                # A change of an existing reply, which must not stay half done.
                resumed.append(turn.put_back() if turn.to_think else turn)
            elif too_old:
                closed = replace(turn, state=TurnState.CLOSED, note=EndNote.TOO_OLD)
                await self._ledger.end(closed)
            else:
                resumed.append(turn)
        return resumed
