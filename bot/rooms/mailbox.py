"""What a room has still to decide on. Values only: `bot.rooms.director` fills and empties it.

A message that is edited or deleted while it waits stays where it is: whoever takes it out asks
`Hearing.current` for its newest wording, and lets it go when it was deleted.
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
    # What was said, until whoever answers it is asked.
    deciding: Utterance | None = None
