"""A speech that is stopped: by a person, by silence, by its length."""

from __future__ import annotations

import asyncio

from bot.domain.room import Seat
from bot.rooms.runs.turn_results import Ending
from tests.fakes.mind import Play
from tests.unit.rooms.company import ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes
from tests.unit.rooms.obstacles import no_mind

SEAT = Seat(ROOM.id, "mira")


async def asked(house: Company, text: str) -> None:
    house.says(text)
    await house.quiet()


# --- stopped by a person --------------------------------------------------------------------------


async def test_a_stopped_speech_keeps_what_was_shown_with_a_mark() -> None:
    async with company(Play("Once upon a time", hangs=True), Play("Yes.")) as house:
        house.mind.silence = 5
        house.says("@Mira a story")
        await until(lambda: house.answers() == ["Once upon a time"])
        assert house.running_turns.stop(lambda turn: turn.room.id == ROOM.id) == 1
        await house.quiet()
        assert house.answers() == ["Once upon a time *(stopped)*"]
        assert house.outcomes[-1].ending is Ending.ANSWERED
        assert house.stage.told == []
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_a_speech_that_is_stopped_before_its_first_word_leaves_nothing() -> None:
    async with company(Play("No.", gate=asyncio.Event()), Play("Yes.")) as house:
        house.mind.silence = 5
        house.says("@Mira a story")
        await until(lambda: house.mind.asked)
        house.scene().stop()
        await house.quiet()
        assert house.answers() == []
        assert (house.outcomes[-1].ending, house.outcomes[-1].turn.note) == (
            Ending.SKIPPED,
            "stopped",
        )
        assert await house.memory.unfinished() == []
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_one_who_waits_for_a_mind_can_be_stopped() -> None:
    async with company(Play("Yes.")) as house:
        with no_mind(house) as waiting:
            house.says("@Mira hello")
            await waiting.wait()
            house.scene().stop()
            await house.quiet()
        assert house.outcomes[-1].turn.note == "stopped"
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_what_is_stopped_while_another_mind_is_waited_for_leaves_a_true_thread() -> None:
    half = Play("Once upon", hangs=True)
    async with company(Play("Hello."), half, Play("Yes."), Play("Still.")) as house:
        house.mind.silence = 5
        await asked(house, "@Mira hello")
        house.says("@Mira a story")
        await until(lambda: house.answers()[-1] == "Once upon")
        with no_mind(house) as waiting:
            house.mind.kill("mira")
            await waiting.wait()
            house.scene().stop()
            await house.quiet()
        assert house.answers() == ["Hello.", "Once upon *(stopped)*"]
        for text in ("@Mira and now?", "@Mira and then?"):
            await asked(house, text)
            check_thread(house)


async def test_a_stopped_retake_is_another_take_with_a_mark() -> None:
    async with company(Play("One."), Play("Half of", hangs=True), Play("Yes.")) as house:
        house.mind.silence = 5
        await asked(house, "@Mira a word?")
        (turn,) = house.memory.turns.values()
        turn = await house.memory.turn(turn.id) or turn
        again = turn.again(turn.accepted_at)
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await until(lambda: house.answers() == ["Half of"])
        house.scene().stop()
        await house.quiet()
        assert house.answers() == ["Half of *(stopped)*"]
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_a_crash_at_any_point_of_stopping_leaves_one_answer_and_a_true_thread() -> None:
    async def one(house: Company) -> None:
        await asked(house, "@Mira hello")

    async def stopped(house: Company) -> None:
        house.mind.silence = 5
        house.mind.script.appendleft(Play("Once upon a time", hangs=True))
        house.says("@Mira a story")
        await until(lambda: len(house.answers()) == 2)
        house.scene().stop()

    seen = set()
    script = [Play(f"{number}.") for number in range(9)]
    async for house in crashes(one, stopped, *script):
        assert await house.memory.unfinished() == []
        seen.add(house.answers()[-1])
        await asked(house, "@Mira and now?")
        check_thread(house)
    assert any(one.endswith("*(stopped)*") for one in seen)


# --- silence --------------------------------------------------------------------------------------


async def test_the_half_of_a_speech_that_fell_silent_does_not_stay() -> None:
    async with company(Play("Once upon a", hangs=True), Play("Yes.")) as house:
        house.says("@Mira a story")
        await until(house.answers)
        await house.quiet()
        assert house.answers() == []
        assert house.stage.told[0][1] == "Mira took too long and was stopped. Try again."
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_a_speech_that_would_not_end_is_known_as_it_was_shown() -> None:
    async with company(Play(("w" * 500 + " ") * 100), Play("Yes.")) as house:
        await asked(house, "@Mira tell me everything")
        shown = "".join(house.answers())
        await asked(house, "@Mira and now?")
        thread = house.mind.threads[house.memory.sessions[SEAT].thread_id]
        own = [line.text for line in thread.lines if line.own]
        assert shown.endswith("[…]")
        assert [own[0].split(), own[1]] == [shown.split()[:-1], "Yes."]
