"""Gaps that overlap: lost again while one is read, or read while talk goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.domain.policy import Mode
from bot.domain.room import Room
from bot.domain.utterance import Utterance
from bot.errors import (
    DiscordDownError,
)
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.test_catching_up import catching_up


class Held:
    """A room's history that is being read until `go_on` is set."""

    def __init__(self, house: Company) -> None:
        self.go_on, self.asked = asyncio.Event(), 0
        self._read = house.stage.history
        house.stage.history = self._history  # type: ignore[method-assign, assignment]

    async def _history(self, room: Room, **what: int) -> list[Utterance]:
        self.asked += 1
        await self.go_on.wait()
        return await self._read(room, **what)


async def test_a_connection_that_is_lost_while_gaps_are_read_leaves_another_gap() -> None:
    async with company(Play("Not lost.")) as house:
        catching = await catching_up(house, house.casts)
        house.stage.say(ROOM, ANN, "just talk")
        held = Held(house)
        reading = house.tasks.start("read", catching.read())
        await until(lambda: held.asked)
        catching.lost_touch()
        held.go_on.set()
        await reading
        await house.quiet()
        house.stage.say(ROOM, ANN, "@Mira in the second gap")
        house.says("said before the new connection is ready")
        await house.quiet()
        assert house.decided == []
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Not lost."]


async def test_a_resumed_connection_does_not_hide_a_gap_that_is_still_read() -> None:
    async with company(Play("Not lost.")) as house:
        catching = await catching_up(house, house.casts)
        house.stage.say(ROOM, ANN, "@Mira in the gap")
        held = Held(house)
        reading = house.tasks.start("read", catching.read())
        await until(lambda: held.asked)
        catching.lost_touch()
        catching.resumed()
        assert catching.has_gap(ROOM)
        held.go_on.set()
        await reading
        await house.quiet()
        assert not catching.has_gap(ROOM)
        assert house.answers() == ["Not lost."]


async def test_what_was_decided_while_a_gap_could_not_be_read_stays_so_when_it_is() -> None:
    async with company(cast=(MIRA, KAI)) as house:
        await house.policies.change(ROOM, lambda one: replace(one, mode=Mode.EVERY, chance=0))
        catching = await catching_up(house, house.casts, patience=0)
        house.stage.say(ROOM, ANN, "in the gap")
        house.stage.fails_with = DiscordDownError(None, "down")
        await catching.read()
        house.stage.fails_with = None
        for number in range(40):
            house.says(f"@Mira {number}" if number == 0 else f"{number}.")
            await house.quiet()
        answered = len(house.memory.turns)
        # From now on another one would be chosen.
        await house.casting.dismiss(ROOM, "mira")
        await catching.again()
        await house.quiet()
        assert len(house.memory.turns) == answered + 1
        assert len(await house.decisions.decisions(ROOM.id)) == 41


async def test_a_message_that_was_read_and_then_comes_late_is_decided_once() -> None:
    async with company(Play("Mira here."), Play("Kai here."), cast=(MIRA, KAI)) as house:
        catching = await catching_up(house, house.casts)
        said = house.stage.say(ROOM, ANN, "@Mira hello")
        await catching.read()
        await house.quiet()
        # Decided anew, it would be for another one.
        house.director.hear(ROOM, replace(said, text="@Kai hello"))
        await house.quiet()
        assert house.answers() == ["Mira here."]
