"""What was edited or deleted while nobody told us of it: looked for when a seat is asked again.

Owns since when every change is told, and what a room showed when it was looked at. What is told is
`changes`'s; that a thread forgets what is not so any more is `thread_sync`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain import thread_view
from bot.domain.room import Room
from bot.domain.turn import Session
from bot.errors import NotPermittedError
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.stage import Stage

log = logging.getLogger(__name__)

# The newest messages of a room that are looked at: one request to Discord.
LOOKED_AT = 100
# Rooms whose look is kept, for the other characters in them.
ROOMS_KEPT = 256


@dataclass(slots=True)
class _Look:
    """What a room showed: each message with when it was edited (unix seconds; 0: never).

    None before it was looked at, and where that is not allowed.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    shown: Mapping[int, float] | None = None


class DriftDetector:
    """Between two connections Discord tells of no edit and no deletion; before the first neither.

    A room is looked at when a thread is asked that was told of it before, once for all of them.
    """

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._stage = stage
        self._ledger = ledger
        self._told_since = self._stage.now().timestamp()
        self._looks: OrderedDict[int, _Look] = OrderedDict()

    def begin(self) -> None:
        """There is a new connection: every change is told from now on."""
        self._told_since = self._stage.now().timestamp()
        self._looks.clear()

    async def untrue_from(self, room: Room, session: Session) -> int:
        """From which order on its thread was told what is not so any more; 0: nowhere.

        Raises `DeliveryError` or `StoreError` when that cannot be read now.
        """
        newest = max((one.at for one in session.told), default=0.0)
        if newest >= self._told_since or not any(one.messages for one in session.told):
            return 0
        shown = await self._look(room)
        if shown is None:
            return 0
        orders = [thread_view.outdated(session, shown), *await self._answers_gone(session, shown)]
        order = min(filter(None, orders), default=0)
        if order:
            log.info("what was said has changed unseen from %d on", order)
        return order

    async def _answers_gone(self, session: Session, shown: Mapping[int, float]) -> list[int]:
        """The questions whose answers, given by the seat itself, are not there any more."""
        known = [one.turn for one in session.told if one.turn not in ("", "?")]
        turns = [await self._ledger.turn(one) for one in known]
        return [one.trigger for one in turns if one is not None and thread_view.misses(shown, one)]

    async def _look(self, room: Room) -> Mapping[int, float] | None:
        look = self._looks.setdefault(room.id, _Look())
        self._looks.move_to_end(room.id)
        if len(self._looks) > ROOMS_KEPT:
            self._looks.popitem(last=False)
        async with look.lock:
            if look.shown is None:
                look.shown = await self._read(room)
        return look.shown

    async def _read(self, room: Room) -> Mapping[int, float] | None:
        try:
            shown = await self._stage.messages(room, limit=LOOKED_AT)
        except NotPermittedError as refused:
            log.info("room %s: what has changed there is not known: %s", room.id, refused)
            return None
        return {one: at.timestamp() if at is not None else 0.0 for one, at in shown.items()}
