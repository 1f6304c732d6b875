"""The people of a run: they say their lines in order, and wait when too much stands unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Channel, User
from sandbox.house import House
from tests.chaos.check import Mention
from tests.chaos.observe import as_seen
from tests.chaos.talk import NAMES, Line, answered_in, called_in

# How long people wait for answers before they go on talking all the same.
PATIENCE = 12.0
# People do not speak in the same instant.
_BREATH = 0.02


class Crowd:
    """Says lines; knows which of its mentions were answered, or told of, at least once.

    `failed`: number → the numbers whose question failed with it; one notice tells of them all.
    """

    def __init__(
        self,
        house: House,
        rooms: Sequence[Channel],
        people: Sequence[User],
        *,
        at_once: int,
        failed: Callable[[], Mapping[int, frozenset[int]]],
    ) -> None:
        self.mentions: list[Mention] = []
        self.open: set[int] = set()
        self._house = house
        self._rooms = rooms
        self._people = people
        self._at_once = at_once
        self._failed = failed
        self._by_message: dict[int, list[int]] = {}
        house.world.listeners.append(self._heard)

    async def speak(self, lines: Sequence[Line], before_each: Callable[[int], None]) -> None:
        """Say them all; `before_each` is told how many mentions were made so far."""
        for line in lines:
            await self.wait(lambda: len(self.open) < self._at_once, PATIENCE)
            before_each(len(self.mentions))
            self._say(line)
            await asyncio.sleep(_BREATH)

    async def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Wait for it; False when it did not come in time."""
        try:
            await self._house.discord.wait_for(lambda _: until(), seconds)
        except TimeoutError:
            return False
        return True

    def _say(self, line: Line) -> None:
        room = self._rooms[line.room]
        message = self._house.world.say(self._people[line.person], room, line.text)
        self._by_message[message.id] = [number for _, number in line.asks]
        for character, number in line.asks:
            self.mentions.append(Mention(number, room.id, NAMES[character], message.id))
            self.open.add(number)

    def _heard(self, event: Event) -> None:
        if event.message is None or event.name == "MESSAGE_DELETE":
            return
        seen = as_seen(event.message, self._house.application.id)
        if seen is None:
            return
        for line in seen.text.splitlines():
            self.open.difference_update(answered_in(line))
            if calls := called_in(line):
                self._by_message[seen.id] = [number for _, number in calls]
        if seen.reply_to is not None:
            # Whoever is told that there will be no answer does not wait for one.
            failed = self._failed()
            for number in self._by_message.get(seen.reply_to, ()):
                self.open -= {number} | failed.get(number, frozenset())
