"""A room's mailbox: what was heard there and is still to be decided on, in order.

Owns the order, and what may be told meanwhile; who decides, and when, is the director's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot.domain.turn import Turn
from bot.domain.utterance import Utterance


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said; `turn` is the one in which a character of ours said it.

    `again`: it may have been decided on before, by another process or when it was heard first.
    """

    utterance: Utterance
    turn: Turn | None = None
    again: bool = False
    decided: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Mailbox:
    """What a room has still to decide on. A task works on it only while there is something."""

    waiting: deque[Heard] = field(default_factory=deque)
    working: bool = False
    # What a person said, until it is heard and asked.
    deciding: Utterance | None = None
    newest: Heard | None = None

    def post(self, heard: Heard) -> None:
        """Add it behind what waits."""
        self.waiting.append(heard)
        self.newest = heard

    def put_in_order(self) -> None:
        """Oldest first, each once: of what was heard live and read as well, who knows more."""
        known = sorted(self.waiting, key=lambda one: (one.turn is not None, one.again))
        waiting = {one.utterance.message_id: one for one in known}
        self.waiting = deque(waiting[key] for key in sorted(waiting))
        self.newest = self.waiting[-1] if self.waiting else self.newest

    def undecided(self) -> int | None:
        """The first message of a person that is not decided on; None when all are."""
        said = [one.utterance for one in self.waiting if one.turn is None]
        said += [self.deciding] if self.deciding is not None else []
        return min((one.message_id for one in said), default=None)

    async def empty(self) -> None:
        """Wait until all that is in it now is decided on."""
        if self.newest is not None:
            await self.newest.decided.wait()
