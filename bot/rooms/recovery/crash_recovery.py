"""Turns that were left unfinished: by a process that ended, or for lack of Discord.

Owns which of them are taken up and which are too old for that; how they are played is the seats'.
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

# An unfinished turn older than this is closed: the talk has moved on.
TOO_OLD_TO_THINK = timedelta(minutes=15)
TOO_OLD_TO_DELIVER = timedelta(hours=6)


class CrashRecovery:
    """Looks into the ledger and hands the seats what nobody has in hand, until the inbox closes."""

    def __init__(
        self, *, ledger: Ledger, turn_queues: TurnQueues, inbox: Inbox, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._turn_queues = turn_queues
        self._inbox = inbox
        self._clock = clock
        # Two looks at once would both find the same turns.
        self._looking = asyncio.Lock()

    async def resume(self) -> None:
        """Take up what is unfinished. Safe to repeat. Raises `StoreError`."""
        async with self._looking:
            left = await self._left()
            if not self._inbox.is_closed:
                self._turn_queues.take_up(left)

    async def _left(self) -> list[Turn]:
        """Those that are to be played on; what is too old is closed."""
        held = (
            self._turn_queues.in_hand
        )  # what ends while the ledger is read is still in its answer
        left: list[Turn] = []
        for turn in await self._ledger.unfinished():
            if turn.id in held | self._turn_queues.in_hand:
                continue
            age = self._clock.now() - turn.accepted_at
            too_old = age > (TOO_OLD_TO_THINK if turn.to_think else TOO_OLD_TO_DELIVER)
            if too_old and turn.order:
                # It was answered, and somebody wanted it changed: it must not stay half changed.
                left.append(turn.put_back() if turn.to_think else turn)
            elif too_old:
                closed = replace(turn, state=TurnState.CLOSED, note=EndNote.TOO_OLD)
                await self._ledger.end(closed)
            else:
                left.append(turn)
        return left
