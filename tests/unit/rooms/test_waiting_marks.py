"""Who waits behind another's long answer sees that they were heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.domain.room import Room
from bot.domain.utterance import Utterance
from bot.errors import NotPermittedError, TurnFailure
from bot.rooms.waiting_marks import EYES
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import reborn


def marked(house: Company, said: Utterance) -> list[str]:
    return house.stage.posted[said.message_id].reactions


async def test_the_mark_comes_while_they_wait_and_goes_with_their_answer() -> None:
    gate, more = asyncio.Event(), asyncio.Event()
    async with company(Play("A tale."), Play("One.", gate=gate), Play("Two.", gate=more)) as house:
        house.marks.patience = 0.0
        house.says("@Mira hello")
        await house.quiet()
        first = house.says("@Mira a tale?")
        await until(lambda: len(house.mind.asked) == 2)
        second = house.says("@Mira the time?", by=BEN)
        await until(lambda: marked(house, second) == [EYES])
        gate.set()
        await until(lambda: len(house.mind.asked) == 3)
        assert marked(house, second) == [EYES]
        more.set()
        await house.quiet()
        assert house.answers()[-1] == "Two."
        assert marked(house, second) == []
        assert marked(house, first) == []


async def test_who_is_answered_soon_gets_no_mark() -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate), Play("Two.")) as house:
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        with seen(house) as reactions:
            house.says("@Mira and me?", by=BEN)
            gate.set()
            await house.quiet()
        assert reactions == []


@pytest.mark.parametrize("play", [Play(fails=TurnFailure.UNREACHABLE), Play("Two.")])
async def test_it_goes_also_when_no_answer_comes(play: Play) -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate), play) as house:
        house.marks.patience = 0.0
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        waits = house.says("@Mira and me?", by=BEN)
        await until(lambda: marked(house, waits) == [EYES])
        gate.set()
        await house.quiet()
        assert marked(house, waits) == []


async def test_where_it_may_not_react_all_else_goes_on() -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate), Play("Two.")) as house:
        house.marks.patience = 0.0

        async def refused(room: Room, message_id: int, emoji: str) -> None:
            raise NotPermittedError("Add Reactions")

        house.stage.react = refused  # type: ignore[method-assign]
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        house.says("@Mira and me?", by=BEN)
        gate.set()
        await house.quiet()
        assert house.answers() == ["One.", "Two."]


async def test_a_mark_that_a_dead_process_left_goes_with_the_answer() -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate)) as first:
        first.marks.patience = 0.0
        first.says("@Mira hello")
        await until(lambda: first.mind.asked)
        waits = first.says("@Mira and me?", by=BEN)
        await until(lambda: marked(first, waits) == [EYES])
        house = reborn(first, Play("One."), Play("Two."))
        async with house.tasks:
            await house.casting.summon(ROOM, MIRA)
            await house.taking_up.resume()
            await house.quiet()
            assert marked(house, waits) == []


@contextmanager
def seen(house: Company) -> Iterator[list[str]]:
    """The reactions that are put meanwhile."""
    put, react = list[str](), house.stage.react

    async def watched(room: Room, message_id: int, emoji: str) -> None:
        put.append(emoji)
        await react(room, message_id, emoji)

    house.stage.react = watched  # type: ignore[method-assign]
    yield put
