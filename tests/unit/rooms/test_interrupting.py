"""A burst is one turn: what is said before the first word goes into the question."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.domain.room import Room
from bot.domain.turn import Reason, TurnState
from bot.domain.utterance import Speaker, SpeakerKind, Utterance
from bot.errors import DiscordDownError, TransportClosedError
from bot.rooms.runs.attempt import ADDITIONS_LIMIT
from tests.fakes.mind import Play, ScriptedLease
from tests.unit.rooms.company import BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes


async def asked(house: Company, text: str) -> None:
    house.says(text)
    await house.quiet()


def has_taken(house: Company, turns: int, steered: int) -> bool:
    return len(house.memory.turns) == turns and len(house.mind.steered) == steered


def thoughts(house: Company) -> int:
    """How often the mind was asked or given more."""
    return len(house.mind.asked) + len(house.mind.steered)


async def test_a_burst_of_one_speaker_is_steered_into_one_answer() -> None:
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("To both."), Play("Yes.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two")
        await until(lambda: house.mind.steered)
        await house.quiet()
        assert house.answers() == ["To both."]
        assert len(house.mind.asked) == 1
        assert "@Mira two" in house.mind.steered[0][1]
        assert await house.memory.unfinished() == []
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_who_goes_on_before_the_answer_begins_need_not_name_anybody_again() -> None:
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("Poor you."), cast=(MIRA, KAI)) as house:
        house.says("@Mira listen")
        await until(lambda: house.mind.asked)
        house.says("what a day", by=BEN)
        house.says("I lost my hat")
        await until(lambda: house.mind.steered)
        await house.quiet()
        assert house.answers() == ["Poor you."]
        assert "I lost my hat" in house.mind.steered[0][1]
        decision = (await house.decisions.decisions(ROOM.id))[0]
        assert [one.reason for one in decision.speaking] == [Reason.WENT_ON]


async def test_who_goes_on_while_the_answer_waits_for_its_turn_is_answered_with_it() -> None:
    held = asyncio.Event()
    async with company(Play("To Ben.", gate=held), Play("To Ann.")) as house:
        house.says("@Mira hello", by=BEN)
        await until(lambda: house.mind.asked)
        house.says("@Mira listen")
        house.says("I lost my hat")
        await until(lambda: len(house.turn_queues.in_hand) == 3)
        held.set()
        await house.quiet()
        assert house.answers() == ["To Ben.", "To Ann."]


async def test_who_goes_on_without_a_name_after_the_first_words_talks_to_the_room() -> None:
    async with company(Play("Well met", hangs=True)) as house:
        house.mind.silence = 5
        house.says("@Mira one")
        await until(house.answers)
        said = house.says("anyway")
        await until(lambda: house.message_log.latest(ROOM.id) >= said.message_id)
        assert len(house.turn_queues.in_hand) == 1
        house.scene().stop()
        await house.quiet()


async def test_who_declined_answers_what_is_asked_meanwhile() -> None:
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("Now I speak.")) as house:
        house.says("@Mira hush")
        await until(lambda: house.mind.asked)
        house.scene().skip("as I was told")
        house.says("@Mira and now?")
        await until(lambda: house.mind.steered)
        await house.quiet()
        assert house.answers() == ["Now I speak."]


async def test_an_addition_that_is_read_while_the_process_dies_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    is_reading, goes_on = asyncio.Event(), asyncio.Event()
    plays = (Play("Unheard.", gate=first), Play("To both.", gate=second))
    async with company(*plays) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        since = house.message_log.since

        async def slowly(room: Room, order: int) -> list[Utterance]:
            monkeypatch.setattr(house.message_log, "since", since)
            found = await since(room, order)
            is_reading.set()
            await goes_on.wait()
            return found

        monkeypatch.setattr(house.message_log, "since", slowly)
        house.says("@Mira two")
        await is_reading.wait()
        house.mind.kill(MIRA.key)
        await until(lambda: len(house.mind.asked) == 2)
        assert "@Mira two" in house.mind.asked[1][1]
        goes_on.set()
        for _ in range(20):
            await asyncio.sleep(0)
        second.set()
        await house.quiet()
        assert house.mind.steered == []
        assert house.answers() == ["To both."]


async def test_what_another_one_asks_is_the_next_turn() -> None:
    held = asyncio.Event()
    async with company(Play("To Ann.", gate=held), Play("To Ben.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two", by=BEN)
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        held.set()
        await house.quiet()
        assert house.answers() == ["To Ann.", "To Ben."]
        assert house.mind.steered == []


async def test_what_comes_after_the_first_words_is_the_next_turn() -> None:
    async with company(Play("Well met", hangs=True), Play("Two.")) as house:
        house.mind.silence = 5
        house.says("@Mira one")
        await until(house.answers)
        house.says("@Mira two")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        house.scene().stop()
        await house.quiet()
        assert house.mind.steered == []
        assert len(house.answers()) == 2


async def test_what_the_character_did_meanwhile_is_not_told_to_it() -> None:
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("To both.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        poll = house.stage.say(ROOM, Speaker(0, "Mira", SpeakerKind.CHARACTER, "mira"), "[poll]")
        house.message_log.hear(replace(poll, turn=house.scene().turn.id))
        house.says("@Mira two")
        await until(lambda: house.mind.steered)
        await house.quiet()
        assert "[poll]" not in house.mind.steered[0][1]


async def test_a_room_that_cannot_be_read_just_then_keeps_nobody_waiting() -> None:
    held = asyncio.Event()
    async with company(Play("To one.", gate=held), Play("To two.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.message_log.forget(ROOM.id)
        history = house.stage.history

        async def down(*_: object, **__: object) -> list[Utterance]:
            house.stage.history = history  # type: ignore[method-assign]
            held.set()
            raise DiscordDownError(None, "down")

        house.stage.history = down  # type: ignore[method-assign]
        house.says("@Mira two")
        await house.quiet()
        assert house.answers() == ["To one.", "To two."]


async def test_a_line_that_could_not_be_added_by_itself_is_answered_with_the_next() -> None:
    held, thrice = asyncio.Event(), Play("To all three.")
    async with company(Play("Unheard.", gate=held), thrice, Play("Again.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.message_log.forget(ROOM.id)
        history, tried = house.stage.history, asyncio.Event()

        async def down(*_: object, **__: object) -> list[Utterance]:
            house.stage.history = history  # type: ignore[method-assign]
            tried.set()
            raise DiscordDownError(None, "down")

        house.stage.history = down  # type: ignore[method-assign]
        house.says("@Mira two")
        house.says("@Mira two")
        await tried.wait()
        house.says("@Mira three")
        await until(lambda: house.mind.steered)
        await house.quiet()
        assert house.mind.steered[0][1].count("@Mira two") == 2
        assert house.answers() == ["To all three."]
        assert await house.memory.unfinished() == []


async def test_what_others_said_in_a_burst_is_told_with_it() -> None:
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("To all."), Play("Yes.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("an aside", by=BEN)
        house.says("@Mira two")
        await house.quiet()
        assert "an aside" in house.mind.steered[0][1]
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_who_goes_on_writing_is_added_a_few_times_and_then_waits_for_the_next_turn() -> None:
    held = asyncio.Event()
    first = Play("To the first ones.", gate=held)
    async with company(first, first, first, first, Play("To the rest.")) as house:
        house.says("@Mira 0")
        await until(lambda: house.mind.asked)
        for number in range(1, ADDITIONS_LIMIT + 4):
            house.says(f"@Mira {number}")
            steered = min(number, ADDITIONS_LIMIT)
            await until(partial(has_taken, house, number + 1, steered))
        held.set()
        await house.quiet()
        assert len(house.mind.steered) == ADDITIONS_LIMIT
        assert len(house.mind.asked) == 2
        assert len(house.answers()) == 2
        rest = house.mind.asked[1][1]
        assert all(f"@Mira {number}" in rest for number in range(4, 7))
        assert await house.memory.unfinished() == []


async def test_nothing_is_added_while_somebody_else_waits_for_the_same_character() -> None:
    held = asyncio.Event()
    async with company(Play("To Ann.", gate=held), Play("To Ben, and Ann.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira and I?", by=BEN)
        await until(lambda: len(house.memory.turns) == 2)
        house.says("@Mira two")
        await until(lambda: len(house.memory.turns) == 3)
        held.set()
        await house.quiet()
        assert house.mind.steered == []
        assert house.answers() == ["To Ann.", "To Ben, and Ann."]
        assert "and I?" in house.mind.asked[1][1]
        assert "two" in house.mind.asked[1][1]


async def test_who_is_named_second_in_a_burst_still_hears_the_first() -> None:
    held = asyncio.Event()
    async with company(
        Play("Unheard.", gate=held), Play("Mira to both."), Play("Kai."), cast=(MIRA, KAI)
    ) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira @Kai two")
        await house.quiet()
        assert house.answers() == ["Mira to both.", "Kai."]
        assert "Mira to both." in house.mind.asked[-1][1]


async def test_a_question_that_was_added_is_asked_again_when_the_process_dies() -> None:
    held = asyncio.Event()
    async with company(
        Play("Unheard.", gate=held), Play("Half of", hangs=True), Play("To both."), Play("Yes.")
    ) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two")
        await until(house.answers)
        house.mind.kill("mira")
        await house.quiet()
        assert house.answers() == ["To both."]
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_an_answer_waits_to_know_whether_a_question_was_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steer, told = ScriptedLease.steer, asyncio.Event()

    async def slowly(*args: Any) -> bool:
        added = await steer(*args)
        await told.wait()
        return added

    monkeypatch.setattr(ScriptedLease, "steer", slowly)
    held = asyncio.Event()
    async with company(Play("Unheard.", gate=held), Play("To both.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two")
        await until(house.answers)
        await until(lambda: next(iter(house.mind.threads.values())).turns[-1].said)
        for _ in range(100):  # all that it would do without that knowledge is done by then
            await asyncio.sleep(0)
        told.set()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert len(house.mind.asked) == 1
        assert await house.memory.unfinished() == []


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_question_of_which_nobody_knows_whether_it_was_added_is_answered_once(
    monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    steer, lost, held = ScriptedLease.steer, asyncio.Event(), asyncio.Event()

    async def unanswered(*args: Any) -> bool:
        if arrives:
            await steer(*args)
        await lost.wait()
        raise TransportClosedError("no answer to turn/steer")

    monkeypatch.setattr(ScriptedLease, "steer", unanswered)
    script = [Play("First.", gate=held), Play("To both."), Play("And again."), Play("Yes.")]
    async with company(*script) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        held.set()
        await until(house.answers)
        lost.set()
        await house.quiet()
        assert len(house.answers()) == 1
        assert await house.memory.unfinished() == []
        await asked(house, "@Mira and now?")
        check_thread(house)


async def test_a_crash_at_any_point_of_a_burst_answers_both_once() -> None:
    async def one(house: Company) -> None:
        await asked(house, "@Mira hello")

    async def burst(house: Company) -> None:
        house.mind.script.appendleft(Play("Unheard.", gate=asyncio.Event()))
        house.says("@Mira first")
        await until(lambda: len(house.mind.asked) == 2)
        house.says("@Mira second")
        await until(lambda: thoughts(house) == 3)

    script = [Play(f"{number}.") for number in range(9)]
    async for house in crashes(one, burst, *script):
        assert await house.memory.unfinished() == []
        assert len(house.answers()) <= 3
        for turn in house.memory.turns.values():
            assert turn.state is TurnState.DONE
            assert turn.text or "answered together" in turn.note
        await asked(house, "@Mira and now?")
        check_thread(house)
