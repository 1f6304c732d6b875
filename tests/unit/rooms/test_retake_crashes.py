"""A process dies at any point of a retake, of another wording, of taking back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.domain.takes import Take
from bot.domain.turn import Turn, TurnState
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes, reborn
from tests.unit.rooms.test_retakes import answered, now, play


async def two_answers(house: Company) -> None:
    await answered(house, "@Mira a word?")
    await answered(house, "@Mira another?")


def first(house: Company) -> Turn:
    turn = min(house.memory.turns.values(), key=lambda one: one.trigger)
    return replace(turn, chunks=house.memory._shown(turn.id))


async def ends_well(house: Company, *answers: str) -> None:
    assert house.answers() == list(answers)
    assert await house.memory.unfinished() == []
    await answered(house, "@Mira and now?")
    check_thread(house)


async def test_a_crash_at_any_point_of_a_retake_gives_one_answer_in_place() -> None:
    async def retake(house: Company) -> None:
        again = first(house).again(now())
        if await house.turn_queues.reopen(again):
            house.turn_queues.play([again])

    seen = set()
    script = [Play(f"{number}.") for number in range(9)]
    async for house in crashes(two_answers, retake, *script):
        shown, second = house.answers()
        assert second == "1."
        turn = first(house)
        assert turn.state is TurnState.DONE
        assert turn.takes == (() if shown == "0." else (Take("0."), Take(shown)))
        seen.add(shown)
        await ends_well(house, shown, "1.")
    assert seen > {"0.", "2."}


async def test_a_crash_at_any_point_of_another_wording_shows_one_of_both() -> None:
    async def reword(house: Company) -> None:
        other = first(house).edited("Another.", now())
        if await house.turn_queues.reopen(other):
            house.turn_queues.play([other])

    seen = set()
    async for house in crashes(two_answers, reword, *map(Play, ("One.", "Two.", "Three."))):
        seen.add(house.answers()[0])
        await ends_well(house, house.answers()[0], "Two.")
    assert seen == {"One.", "Another."}


async def test_a_crash_at_any_point_of_taking_back_leaves_nothing_half_gone() -> None:
    async def take_back(house: Company) -> None:
        gone = first(house).taken_back(now())
        if await house.turn_queues.reopen(gone):
            house.turn_queues.play([gone])

    seen = set()
    async for house in crashes(two_answers, take_back, *map(Play, ("One.", "Two.", "Three."))):
        seen.add(tuple(house.answers()))
        await ends_well(house, *house.answers())
    assert seen == {("One.", "Two."), ("Two.",)}


async def test_a_crash_at_any_point_of_a_merged_turn_answers_each_question_once() -> None:
    async def one(house: Company) -> None:
        await answered(house, "@Mira hello")

    async def merged(house: Company) -> None:
        held = asyncio.Event()
        house.mind.script.appendleft(Play("Held.", gate=held))
        house.says("@Mira first")
        await until(lambda: len(house.mind.asked) == 2)
        house.says("@Mira second", by=BEN)
        house.says("@Mira third", by=BEN)
        await until(lambda: len(house.turn_queues.in_hand) == 3)
        held.set()

    script = [Play(f"{number}.") for number in range(9)]
    async for house in crashes(one, merged, *script):
        assert await house.memory.unfinished() == []
        assert len(house.answers()) == len(set(house.answers()))
        accepted = {turn.trigger for turn in house.memory.turns.values()}
        for said in list(house.stage.posted.values()):
            if said.turn is None and said.id in accepted:
                asks = sum(said.text in words for _, words in house.mind.asked)
                assert asks >= 1
        await answered(house, "@Mira and now?")
        if len(accepted) == 4:
            check_thread(house)


async def test_what_a_reborn_process_changes_is_known_to_the_next() -> None:
    async with company(Play("One.")) as house:
        turn = await answered(house, "@Mira a word?")
    again = reborn(house, Play("Two."), Play("Three."))
    async with again.tasks:
        await again.casting.summon(ROOM, MIRA)
        await play(again, turn.again(now()))
        await ends_well(again, "Two.")
