"""What a room has still to decide on. Values only: `bot.rooms.inbox` fills and empties it.

A message that is edited or deleted while it waits stays where it is: whoever takes it out asks
`Hearing.current` for its newest wording, and lets it go when it was deleted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot.domain.lateness import is_fresh
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said; `turn` is the one in which a character of ours said it.

    `again`: it may have been decided on before, by another process or when it was heard first.
    `edited`: it was heard before, and reads otherwise now.
    """

    utterance: Utterance
    turn: Turn | None = None
    again: bool = False
    edited: bool = False
    decided: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def may_ask(self) -> bool:
        """Whether somebody may be asked by it: an old message's edit asks nobody."""
        return not self.edited or is_fresh(self.utterance)

    def rank(self) -> tuple[bool, bool, bool]:
        """How much it tells of its message: the greatest of several counts alone.

        Whoever takes one that is no edit asks for the newest wording anyway.
        """
        return (self.turn is not None, not self.edited, self.again)


@dataclass(slots=True)
class Mailbox:
    """What a room has still to decide on. A task works on it only while there is something."""

    waiting: deque[Heard] = field(default_factory=deque)
    working: bool = False
    # What was said, until whoever answers it is asked.
    deciding: Utterance | None = None

    def undecided(self) -> list[int]:
        """The orders of all by which somebody may be asked who is not asked yet."""
        orders = [heard.utterance.order for heard in self.waiting if heard.may_ask]
        return orders if self.deciding is None else [*orders, self.deciding.order]

    def put_in_order(self) -> None:
        """Oldest first; of what was heard live and read as well, the one that knows more counts."""
        known = sorted(self.waiting, key=Heard.rank)
        waiting = {heard.utterance.message_id: heard for heard in known}
        self.waiting = deque(waiting[key] for key in sorted(waiting))
