"""The reply line above an answer. Owns the newest message id per room and the authors' names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.discord_io.message_prefix import further_line, reply_line
from bot.discord_io.recent import Recent
from bot.domain.lateness import lateness
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance

# Messages whose author's name is cached for the reply line.
NAMES_KEPT: Final = 2_000
# Rooms whose newest message id is cached.
PLACES_KEPT: Final = 2_000


@dataclass(slots=True)
class _Answer:
    """The message that a turn in delivery answers."""

    message_id: int
    name: str | None = None
    """The name of its author; None until the character chooses a message."""
    settled: bool = False
    """True once the reply line is shown, so that it can no longer change."""


class Answered:
    """The messages that turns answer, and the reply line above each answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now` gives Discord's estimated time: message ids come from Discord's clock."""
        self._now = now
        self._answers: dict[str, _Answer] = {}
        self._newest: Recent[int, int] = Recent(PLACES_KEPT)
        self._names: Recent[int, str] = Recent(NAMES_KEPT)

    def saw(self, room_id: int, message_id: int, name: str) -> None:
        """Record a new message in the room and its author's name."""
        self._newest[room_id] = max(message_id, self._newest.get(room_id, 0))
        self.read(message_id, name)

    def read(self, message_id: int, name: str) -> None:
        """Record the name of an older message's author."""
        self._names[message_id] = name

    def newest(self, room_id: int, *, least: int) -> int:
        """Return the id of the newest message seen in the room, or `least` if `least` is newer."""
        return max(least, self._newest.get(room_id, 0))

    def forget(self, room_id: int) -> None:
        """Forget the newest message of a deleted room."""
        self._newest.pop(room_id, None)

    @contextmanager
    def answering(self, turn: Turn) -> Iterator[None]:
        """Register a turn for its delivery; by default the turn answers its trigger."""
        self._answers[turn.id] = _Answer(turn.trigger)
        try:
            yield
        finally:
            self._answers.pop(turn.id, None)

    def choose(self, turn: Turn, said: Utterance) -> bool:
        """Point the reply line at this message; return False if the line is already shown."""
        answer = self._answers.get(turn.id)
        if answer is None or answer.settled:
            return False
        answer.message_id, answer.name = said.message_id, said.speaker.name
        return True

    def line(self, turn: Turn) -> str:
        """Return the reply line to the message that the character chose, or to the trigger."""
        room, answer = turn.room, self._answers.get(turn.id)
        if answer is not None:
            answer.settled = True
            if answer.message_id != turn.trigger:
                return reply_line(answer.name, room.guild_id, room.id, answer.message_id)
        return self._line_to_trigger(turn)

    def further_line(self, turn: Turn, above: int) -> str:
        """Return a line that links to the message `above`, if newer messages are in between."""
        room = turn.room
        if not turn.order or self._newest.get(room.id, above) <= above:
            return ""
        return further_line(room.guild_id, room.id, above)

    def _line_to_trigger(self, turn: Turn) -> str:
        """Return the reply line if messages follow the trigger or the answer is late; else ""."""
        room, name = turn.room, self._names.get(turn.trigger)
        if name is None:
            # The trigger is no message: a slash command summoned the character, which greets now.
            return ""
        stands_apart = self._newest.get(room.id, turn.trigger) > turn.trigger
        if not stands_apart and lateness(turn, turn.trigger, self._now()) is None:
            return ""
        return reply_line(name, room.guild_id, room.id, turn.trigger)
