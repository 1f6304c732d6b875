"""A model answers for others, or in the transcript's form: nothing of it is shown, or stays."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Line, TurnState
from bot.domain.utterance import Speaker
from bot.errors import TurnFailedError, TurnFailure
from bot.messages import failures
from bot.rooms.runs.prompt_writer import PLAIN
from bot.rooms.runs.turn_results import Ending
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes

FORGED = "[Ben · 157612345678901234 · 30 Nov 03:13]\n  I have had enough."
SEAT = Seat(ROOM.id, MIRA.key)


async def ask(house: Company, text: str) -> None:
    house.says(text)
    await house.quiet()


async def test_words_of_others_are_cut_and_the_turn_is_ended() -> None:
    gate = asyncio.Event()
    async with company(Play(f"Come in!\n{FORGED}\n", gate=gate, hangs=True)) as house:
        house.says("I am cold", by=BEN)
        gate.set()
        await ask(house, "@Mira may we?")
        assert house.answers() == ["Come in!"]
        assert house.states() == [TurnState.DONE]


async def test_the_name_of_who_spoke_ends_it_too() -> None:
    async with company(Play("Come in!\nBen: No.\nMira: Well.")) as house:
        house.says("I am cold", by=BEN)
        await ask(house, "@Mira may we?")
        assert house.answers() == ["Come in!"]


@pytest.mark.parametrize(
    "answer",
    [
        f"Come in!\n{FORGED}",
        "[Mira · character · 30 Nov 03:13]\n  Come in!",
        "**Mira:** Come in!",
        "Come in!<|im_end|>\n<|im_start|>user\nand then?",
        'Come in!\n{"name": "skip", "arguments": {}}',
    ],
)
async def test_what_was_cut_does_not_stay_in_the_thread(answer: str) -> None:
    async with company(Play(answer), Play("Warm enough?"), Play("Good.")) as house:
        await ask(house, "@Mira may I?")
        await ask(house, "@Mira thank you")
        check_thread(house)
        session = house.memory.sessions[SEAT]
        thread = house.mind.threads[session.thread_id]
        assert Line("Come in!", own=True) in thread.lines
        await ask(house, "@Mira yes")
        assert [one for one in house.mind.asked[-1][1].split("\n") if "@Mira" in one] == [
            "  @Mira yes"
        ]
        assert house.memory.sessions[SEAT].thread_id == session.thread_id
        assert house.answers() == ["Come in!", "Warm enough?", "Good."]
        check_thread(house)


async def test_a_clean_answer_stays_where_it_was_made() -> None:
    async with company(Play("Come in!")) as house:
        await ask(house, "@Mira may I?")
        session = house.memory.sessions[SEAT]
        assert [one.codex_turn_id != "" for one in session.told] == [True]


@pytest.mark.parametrize("answer", [FORGED, "<|im_start|>user\nhi", "Ann: hi", "<tool_call>{"])
async def test_where_nothing_is_left_it_is_asked_once_more_in_another_way(answer: str) -> None:
    async with company(Play(answer), Play("Come in!")) as house:
        await ask(house, "@Mira may I?")
        assert house.answers() == ["Come in!"]
        first, second = (about for _, about in house.mind.asked)
        note = PLAIN.format(name="Mira")
        assert note not in first
        # In the plainest form, and nothing of the slip is there to be copied.
        assert second == f"Ann: @Mira may I?\n{note}"
        thread = house.mind.threads[house.mind.asked[-1][0]]
        assert thread.lines == [Line(second, own=False), Line("Come in!", own=True)]


async def test_where_nothing_is_left_twice_people_are_told() -> None:
    async with company(Play(FORGED), Play(FORGED), Play("Here.")) as house:
        await ask(house, "@Mira may I?")
        assert house.answers() == []
        assert len(house.mind.asked) == 2
        assert [one.ending for one in house.outcomes] == [Ending.FAILED]
        (told,) = house.stage.told
        assert told[1] == failures.for_room(TurnFailedError(TurnFailure.EMPTY), "Mira")
        await ask(house, "@Mira hello?")
        assert house.answers() == ["Here."]
        assert "I have had enough" not in str(house.mind.threads)


async def test_skip_in_words_is_a_skip() -> None:
    async with company(Play('{"name": "skip", "arguments": {}}'), Play("Yes?")) as house:
        await ask(house, "@Mira I was talking to Ben")
        assert house.answers() == []
        assert [one.ending for one in house.outcomes] == [Ending.SKIPPED]
        assert house.stage.told == []
        await ask(house, "@Mira?")
        assert house.answers() == ["Yes?"]
        assert "arguments" not in str(house.mind.threads)


async def test_nothing_of_it_is_shown_for_a_moment() -> None:
    gate = asyncio.Event()
    old = Speaker(157612345678901234, "Ben")
    async with company(Play(f"Come in! {FORGED}", gate=gate)) as house:
        house.says("I am cold", by=old)
        house.says("@Mira may we?")
        shown: list[str] = []
        await until(lambda: house.mind.asked)
        gate.set()
        while len(house.tasks):
            shown += house.answers()
            await asyncio.sleep(0)
        assert set(shown) <= {"Come", "Come in!", "Come in! "}


async def test_a_crash_at_any_point_leaves_one_clean_answer_in_room_and_thread() -> None:
    async def first(house: Company) -> None:
        await ask(house, "@Mira hello?")

    async def slip(house: Company) -> None:
        house.says("@Mira may I?")

    seen = 0
    script = [Play("Hello."), *[Play(f"Come in!\n{FORGED}")] * 8]
    async for house in crashes(first, slip, *script):
        # It was not asked at all where the process died before the question was accepted.
        assert house.answers() in (["Hello."], ["Hello.", "Come in!"])
        seen += len(house.answers()) - 1
        house.mind.script.clear()
        house.mind.script.append(Play("Now."))
        await ask(house, "@Mira and now?")
        check_thread(house)
    assert seen > 6


async def test_a_crash_while_the_clean_words_go_into_the_thread_loses_nothing() -> None:
    async def slip(house: Company) -> None:
        await ask(house, "@Mira may I?")

    async def thank(house: Company) -> None:
        house.says("@Mira thanks")

    seen = 0
    script = [Play(f"Come in!\n{FORGED}"), *map(Play, ("One.", "Two.", "Three.", "Four."))]
    async for house in crashes(slip, thank, *script):
        assert house.answers()[0] == "Come in!"
        assert len(house.answers()) <= 2
        seen += len(house.answers()) - 1
        await ask(house, "@Mira and now?")
        check_thread(house)
    assert seen > 6
