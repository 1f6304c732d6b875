"""A room's queue of messages to decide on. Values only: `inbox` fills and empties it.

A message that is edited or deleted stays in the queue: the consumer asks `MessageLog.current` for
its newest wording, and skips it if it was deleted.
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
    """A message in the queue."""

    utterance: Utterance
    turn: Turn | None = None
    """The turn that posted the message, if a character wrote it."""
    again: bool = False
    """The message may be redelivered: decided on before, perhaps by a previous process."""
    edited: bool = False
    """An edit of a message that was queued before."""
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the message has been decided on."""

    @property
    def may_ask(self) -> bool:
        """Whether the message can trigger a turn: edits of old messages cannot."""
        return not self.edited or is_fresh(self.utterance)

    def rank(self) -> tuple[bool, bool, bool]:
        """Return the sort key by which duplicates of a message are dropped: the highest stays.

        A new message ranks above its edit: the consumer asks for the newest wording anyway.
        """
        return (self.turn is not None, not self.edited, self.again)


@dataclass(slots=True)
class Mailbox:
    """A room's queue. A task works on it only while it is not empty."""

    waiting: deque[Heard] = field(default_factory=deque)
    """Messages to decide on, oldest first."""
    working: bool = False
    """Whether a task is emptying the queue."""
    deciding: Utterance | None = None
    """The message being decided on, until its turns are accepted."""

    def undecided(self) -> list[int]:
        """Return the positions of all messages that can still trigger a turn."""
        orders = [heard.utterance.order for heard in self.waiting if heard.may_ask]
        return orders if self.deciding is None else [*orders, self.deciding.order]

    def put_in_order(self) -> None:
        """Sort oldest first, and drop duplicates: the gateway and backfill can both deliver."""
        known = sorted(self.waiting, key=Heard.rank)
        waiting = {heard.utterance.message_id: heard for heard in known}
        self.waiting = deque(waiting[key] for key in sorted(waiting))
