"""Who waits behind another's long answer sees that they were heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.domain.room import Room
from bot.domain.utterance import Speaker, Utterance
from bot.errors import NotPermittedError, TurnFailure
from bot.rooms.turns.waiting_marks import AT_ONCE, EYES
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
            await house.crash_recovery.resume()
            await house.quiet()
            assert marked(house, waits) == []


async def test_a_crowd_that_waits_gets_no_more_marks_than_discord_takes_soon() -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    plays = [play for gate in gates for play in (Play("One.", gate=gate), Play("Two."))]
    async with company(*plays) as house:
        house.marks.patience, house.mind.silence = 0.0, 20.0
        for gate in gates:  # what was marked before does not count for ever
            await crowd_waits(house, gate)


async def crowd_waits(house: Company, gate: asyncio.Event) -> None:
    """More people wait for an answer than are shown that they do; the marks go with it."""
    before = len(house.mind.asked)
    house.says("@Mira hello")
    await until(lambda: len(house.mind.asked) > before)
    with seen(house) as reactions:
        crowd = [Speaker(100 + number, f"P{number}") for number in range(3 * AT_ONCE)]
        waiting = [house.says("@Mira and me?", by=person) for person in crowd]
        await until(lambda: len(house.turn_queues.in_hand) > len(waiting))
        await until(lambda: len(reactions) >= AT_ONCE)
        gate.set()
        await house.quiet()
    assert len(reactions) == AT_ONCE
    assert [said for said in waiting if marked(house, said)] == []


@contextmanager
def seen(house: Company) -> Iterator[list[str]]:
    """The reactions that are put meanwhile."""
    put, react = list[str](), house.stage.react

    async def watched(room: Room, message_id: int, emoji: str) -> None:
        put.append(emoji)
        await react(room, message_id, emoji)

    house.stage.react = watched  # type: ignore[method-assign]
    yield put
