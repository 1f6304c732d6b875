"""Which message an answer names above its words. Owns the newest message ids and their authors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.discord_io.dressing import further_line, reply_line
from bot.discord_io.recent import Recent
from bot.domain.lateness import lateness
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance

# Names of speakers, for the line that says whom a character answers.
NAMES_KEPT: Final = 2_000
# Places whose newest message is remembered.
PLACES_KEPT: Final = 2_000


@dataclass(slots=True)
class _Answer:
    """The message that a turn in delivery answers; `settled` once the turn's words are shown."""

    message_id: int
    name: str | None = None
    settled: bool = False


class Answered:
    """The messages that turns answer, and the reply line above each answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now` is Discord's time, as far as it is known: message ids are of that clock."""
        self._now = now
        self._answers: dict[str, _Answer] = {}
        self._newest: Recent[int, int] = Recent(PLACES_KEPT)
        self._names: Recent[int, str] = Recent(NAMES_KEPT)

    def saw(self, room_id: int, message_id: int, name: str) -> None:
        """Note a new message in the room and its author's name."""
        self._newest[room_id] = max(message_id, self._newest.get(room_id, 0))
        self.read(message_id, name)

    def read(self, message_id: int, name: str) -> None:
        """Note the author's name of an older message."""
        self._names[message_id] = name

    def newest(self, room_id: int, *, least: int) -> int:
        """The id of the newest message seen in the room, or `least` if that is newer."""
        return max(least, self._newest.get(room_id, 0))

    def forget(self, room_id: int) -> None:
        """Drop what is known of a deleted room."""
        self._newest.pop(room_id, None)

    @contextmanager
    def answering(self, turn: Turn) -> Iterator[None]:
        """While it is delivered, the turn answers its trigger unless `choose` is called."""
        self._answers[turn.id] = _Answer(turn.trigger)
        try:
            yield
        finally:
            self._answers.pop(turn.id, None)

    def choose(self, turn: Turn, said: Utterance) -> bool:
        """Have the reply line name this message; False when the line is already shown."""
        answer = self._answers.get(turn.id)
        if answer is None or answer.settled:
            return False
        answer.message_id, answer.name = said.message_id, said.speaker.name
        return True

    def line(self, turn: Turn) -> str:
        """The reply line: to the message that the character chose, or to the trigger."""
        room, answer = turn.room, self._answers.get(turn.id)
        if answer is not None:
            answer.settled = True
            if answer.message_id != turn.trigger:
                return reply_line(answer.name, room.guild_id, room.id, answer.message_id)
        return self._needed(turn)

    def further_line(self, turn: Turn, above: int) -> str:
        """A line that links to the message `above`, when other talk separates the two messages."""
        room = turn.room
        if not turn.order or self._newest.get(room.id, above) <= above:
            return ""
        return further_line(room.guild_id, room.id, above)

    def _needed(self, turn: Turn) -> str:
        """The reply line to the trigger, when other messages came between or the answer is late."""
        room, name = turn.room, self._names.get(turn.trigger)
        if name is None:
            # What was never seen is no message: a command summoned the character that now greets.
            return ""
        stands_apart = self._newest.get(room.id, turn.trigger) > turn.trigger
        if not stands_apart and lateness(turn, turn.trigger, self._now()) is None:
            return ""
        return reply_line(name, room.guild_id, room.id, turn.trigger)
