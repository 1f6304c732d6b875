"""Which message an answer names above its words. Owns what was seen of messages for that."""

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
    """What a turn that is being delivered answers; `settled` once its words are shown."""

    message_id: int
    name: str | None = None
    settled: bool = False


class Answered:
    """The messages that turns answer, and the line that says so."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now` is Discord's time, as far as it is known: message ids are of that clock."""
        self._now = now
        self._answers: dict[str, _Answer] = {}
        self._newest: Recent[int, int] = Recent(PLACES_KEPT)
        self._names: Recent[int, str] = Recent(NAMES_KEPT)

    def saw(self, room_id: int, message_id: int, name: str) -> None:
        """The room shows this message by whoever has that name."""
        self._newest[room_id] = max(message_id, self._newest.get(room_id, 0))
        self.read(message_id, name)

    def read(self, message_id: int, name: str) -> None:
        """Whoever has that name wrote this message, some time ago."""
        self._names[message_id] = name

    def newest(self, room_id: int, *, least: int) -> int:
        """The newest message that was seen there, `least` at least."""
        return max(least, self._newest.get(room_id, 0))

    def forget(self, room_id: int) -> None:
        """The place is no more."""
        self._newest.pop(room_id, None)

    @contextmanager
    def answering(self, turn: Turn) -> Iterator[None]:
        """The turn is being delivered: its trigger is what it answers."""
        self._answers[turn.id] = _Answer(turn.trigger)
        try:
            yield
        finally:
            self._answers.pop(turn.id, None)

    def choose(self, turn: Turn, said: Utterance) -> bool:
        """The line above the turn's words will name this message; False when it stands already."""
        answer = self._answers.get(turn.id)
        if answer is None or answer.settled:
            return False
        answer.message_id, answer.name = said.message_id, said.speaker.name
        return True

    def line(self, turn: Turn) -> str:
        """A line that names what is answered, as the character chose it or as it is needed."""
        room, answer = turn.room, self._answers.get(turn.id)
        if answer is not None:
            answer.settled = True
            if answer.message_id != turn.trigger:
                return reply_line(answer.name, room.guild_id, room.id, answer.message_id)
        return self._needed(turn)

    def further_line(self, turn: Turn, above: int) -> str:
        """A line that leads back to the message `above`, behind which an old answer gets longer."""
        room = turn.room
        if not turn.order or self._newest.get(room.id, above) <= above:
            return ""
        return further_line(room.guild_id, room.id, above)

    def _needed(self, turn: Turn) -> str:
        """One when other messages stand between, or when it is late."""
        room, name = turn.room, self._names.get(turn.trigger)
        if name is None:
            # What was never seen is no message: a command summoned the character that now greets.
            return ""
        stands_apart = self._newest.get(room.id, turn.trigger) > turn.trigger
        if not stands_apart and lateness(turn, turn.trigger, self._now()) is None:
            return ""
        return reply_line(name, room.guild_id, room.id, turn.trigger)
