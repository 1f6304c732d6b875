"""Drift: edits and deletions that Discord did not report, found when a seat is asked again.

Owns the time since which every change is reported, and the last look at each room. Reported changes
are handled by `edit_propagation`; `thread_sync` rolls stale Codex threads back.
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

# Newest messages of a room to compare: one request to Discord.
LOOKED_AT = 100
# Rooms whose last look is kept, for the other characters in the room.
ROOMS_KEPT = 256


@dataclass(slots=True)
class _Look:
    """A look at a room's newest messages."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the messages are being read."""
    shown: Mapping[int, float] | None = None
    """Edit time by message id (unix seconds; 0: never edited).

    None before the first look, and where the bot may not read the history.
    """


class DriftDetector:
    """Finds edits and deletions that Discord did not report, because the bot was not connected.

    A room is read when a Codex thread that saw it before the connection is asked again, once for
    all Codex threads of the room.
    """

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._stage = stage
        self._ledger = ledger
        self._reported_since = self._stage.now().timestamp()
        self._looks: OrderedDict[int, _Look] = OrderedDict()

    def begin(self) -> None:
        """Begin a new connection: Discord reports every change from now on."""
        self._reported_since = self._stage.now().timestamp()
        self._looks.clear()

    async def untrue_from(self, room: Room, session: Session) -> int:
        """Return the position from which the session's Codex thread is stale; 0: up to date.

        Raises `DeliveryError` or `StoreError` if the room or the record cannot be read now.
        """
        newest = max((seen.at for seen in session.told), default=0.0)
        if newest >= self._reported_since or not any(seen.messages for seen in session.told):
            return 0
        shown = await self._look(room)
        if shown is None:
            return 0
        orders = [thread_view.outdated(session, shown), *await self._answers_gone(session, shown)]
        order = min(filter(None, orders), default=0)
        if order:
            log.info("messages were edited or deleted unreported, from %d on", order)
        return order

    async def _answers_gone(self, session: Session, shown: Mapping[int, float]) -> list[int]:
        """Return the triggers of the seat's own turns whose answers are missing from the room."""
        turn_ids = [seen.turn for seen in session.told if seen.turn not in ("", "?")]
        turns = [await self._ledger.turn(turn_id) for turn_id in turn_ids]
        return [
            turn.trigger for turn in turns if turn is not None and thread_view.misses(shown, turn)
        ]

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
            log.info("room %s: its history cannot be checked for changes: %s", room.id, refused)
            return None
        return {
            message_id: edited_at.timestamp() if edited_at is not None else 0.0
            for message_id, edited_at in shown.items()
        }
