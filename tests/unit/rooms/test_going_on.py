"""A reply goes on exactly where it ends, as a part of itself, whatever was said since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.cut_answers import CUT, STOPPED
from bot.domain.room import Seat
from bot.domain.speech import SPEECH_LIMIT
from bot.domain.takes import Take
from bot.domain.turn import Turn, TurnState
from bot.errors import TurnFailure
from bot.messages.rendering import render
from bot.messages.why import of_turn
from bot.rooms.runs.prompt_writer import GO_ON
from tests.fakes.mind import Play
from tests.refused import refused
from tests.unit.rooms.company import BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, crashes
from tests.unit.rooms.test_replies import Replying
from tests.unit.rooms.test_retakes import now

CUT_SHORT = TurnFailure.CUT_SHORT


async def went_on(inn: Replying, turn: Turn, *, only_cut: bool = False) -> Turn:
    """Have it go on, and give the turn once it did."""
    await inn.replies.go_on(turn, by=5, only_cut=only_cut)
    await inn.house.quiet()
    return await inn.replies.of(turn.chunks[0])


def own(house: Company) -> list[str]:
    """What the thread of Mira's seat holds as her own words."""
    session = house.memory.sessions[Seat(ROOM.id, MIRA.key)]
    return [line.text for line in house.mind.threads[session.thread_id].lines if line.own]


async def test_a_cut_reply_goes_on_in_its_own_message_and_is_one_answer() -> None:
    plays = Play("Once upon a time", fails=CUT_SHORT), Play("there was a frog."), Play("Yes.")
    async with company(*plays) as house:
        inn = Replying(house)
        turn = await inn.asked("@Mira a story")
        assert house.answers() == [f"Once upon a time {CUT}"]
        more = await went_on(inn, turn, only_cut=True)
        assert house.answers() == ["Once upon a time there was a frog."]
        assert (more.chunks, more.order, more.takes) == (turn.chunks, turn.order, ())
        assert "continued when somebody asked" in render(of_turn(more, "Mira"))
        assert house.stage.told == []
        house.says("@Mira and then?")
        await house.quiet()
        check_thread(house)
        assert own(house) == ["Once upon a time there was a frog.", "Yes."]


async def test_it_goes_on_where_the_reply_ends_whatever_was_said_since() -> None:
    plays = (Play("Once upon", fails=CUT_SHORT), Play("The bill."), Play("a time."), Play("Yes."))
    async with company(*plays) as house:
        inn = Replying(house)
        turn = await inn.asked("@Mira a story")
        house.says("an aside", by=BEN)
        await inn.asked("@Mira the bill, please")
        await went_on(inn, turn)
        assert house.answers() == ["Once upon a time.", "The bill."]
        thread_id, words = house.mind.asked[-1]
        assert words == GO_ON
        asked = [line.text for line in house.mind.threads[thread_id].lines]
        assert not any("an aside" in text or "the bill" in text for text in asked)
        house.says("@Mira and now?")
        await house.quiet()
        check_thread(house)


async def test_the_model_is_asked_behind_its_own_words_without_a_mark() -> None:
    held = asyncio.Event()
    plays = Play("```py\nx = z", fails=CUT_SHORT), Play("y = 2\n```", gate=held)
    async with company(*plays) as house:
        inn = Replying(house)
        turn = await inn.asked("@Mira some code")
        assert house.answers() == [f"```py\nx = z\n```\n{CUT}"]
        await inn.replies.go_on(turn, by=5)
        await until(lambda: len(house.mind.asked) == 2)
        lines = house.mind.threads[house.mind.asked[-1][0]].lines
        assert [line.text for line in lines if line.own] == ["```py\nx = z"]
        held.set()
        await house.quiet()
        assert house.answers() == ["```py\nx = z\ny = 2\n```"]


@pytest.mark.parametrize("before", ["", "@Mira hello"])
async def test_a_stopped_reply_loses_its_mark_when_it_goes_on(before: str) -> None:
    plays = [Play("Hello.")] if before else []
    plays += [Play("Once upon a time", hangs=True), Play("there was a frog."), Play("Yes.")]
    async with company(*plays) as house:
        house.mind.silence = 5
        inn = Replying(house)
        if before:
            await inn.asked(before)
        house.says("@Mira a story")
        await until(lambda: house.answers()[-1:] == ["Once upon a time"])
        house.scene().stop()
        await house.quiet()
        turn = await inn.now()
        assert turn.text == f"Once upon a time {STOPPED}"
        await went_on(inn, turn)
        assert house.answers()[-1] == "Once upon a time there was a frog."
        house.says("@Mira and now?")
        await house.quiet()
        check_thread(house)


async def test_a_whole_reply_goes_on_with_a_paragraph() -> None:
    async with company(Play("The end."), Play("Or is it?")) as house:
        inn = Replying(house)
        await went_on(inn, await inn.asked())
        assert house.answers() == ["The end.\n\nOr is it?"]


async def test_a_greeting_can_go_on() -> None:
    async with company(Play("Sit down."), Play("Yes.")) as house:
        inn = Replying(house)
        await house.dispatcher.greet(ROOM, MIRA, 77, 1)
        await house.quiet()
        greeting = house.answers()[0]
        await went_on(inn, await inn.now())
        assert house.answers() == [f"{greeting}\n\nSit down."]


async def test_what_does_not_fit_any_more_stands_in_further_messages_of_the_same_reply() -> None:
    first = "".join(f"A sentence, number {n}. " for n in range(80))
    more = "".join(f"One more, number {n}. " for n in range(80))
    async with company(Play(first, fails=CUT_SHORT), Play(more), Play("Yes.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        assert len(turn.chunks) == 1
        whole = await went_on(inn, turn)
        assert len(whole.chunks) == len(house.answers()) == 2
        assert whole.chunks[0] == turn.chunks[0]
        assert " ".join(house.answers()).split() == (first + more).split()
        assert (await inn.replies.of(whole.chunks[1])).id == turn.id
        house.says("@Mira and now?")
        await house.quiet()
        assert [text.split() for text in own(house)] == [(first + more).split(), ["Yes."]]
        await inn.replies.remove(whole)
        await house.quiet()
        assert house.answers() == ["Yes."]


async def test_a_cut_reply_goes_on_again_and_again() -> None:
    plays = (Play("One,", fails=CUT_SHORT), Play("two,", fails=CUT_SHORT), Play("three."))
    async with company(*plays) as house:
        inn = Replying(house)
        turn = await went_on(inn, await inn.asked(), only_cut=True)
        assert house.answers() == [f"One, two, {CUT}"]
        await went_on(inn, turn, only_cut=True)
        assert house.answers() == ["One, two, three."]


async def test_who_presses_the_button_twice_has_it_go_on_once() -> None:
    async with company(Play("One,", fails=CUT_SHORT), Play("two."), Play("three.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        await inn.replies.go_on(turn, by=5, only_cut=True)
        with refused("continued already"):
            await inn.replies.go_on(turn, by=5, only_cut=True)
        await house.quiet()
        assert house.answers() == ["One, two."]


async def test_the_take_that_is_shown_goes_on_and_the_others_stay_as_they_are() -> None:
    plays = (Play("One."), Play("Two", fails=CUT_SHORT), Play("and a half."), Play("Three."))
    async with company(*plays) as house:
        inn = Replying(house)
        turn = await inn.regenerated(await inn.asked())
        turn = await went_on(inn, turn)
        assert turn.takes == (Take("One."), Take("Two and a half.", continued=True))
        assert house.stage.labels[turn.id] == (2, 2)
        await inn.replies.choose(turn, 0)
        await house.quiet()
        first = await inn.now()
        assert house.answers() == ["One."]
        assert "continued" not in render(of_turn(first, "Mira"))
        turn = await inn.regenerated(first)
        assert house.answers() == ["Three."]
        assert house.stage.labels[turn.id] == (3, 3)


async def test_words_of_a_person_that_went_on_still_show_who_wrote_them() -> None:
    async with company(Play("One."), Play("And so."), Play("Two.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        await inn.replies.edit(turn, f"Well {CUT}", by="Ann", may_link=True)
        await house.quiet()
        turn = await went_on(inn, turn)
        assert house.answers() == ["Well And so.\n-# edited by @Ann"]
        why = render(of_turn(turn, "Mira"))
        assert "the words are by Ann, who edited the reply, up to where it was continued" in why
        await inn.replies.edit(turn, "Mine.", by="Ben", may_link=True)
        await house.quiet()
        why = render(of_turn(await inn.now(), "Mira"))
        assert "the words are by Ben, who edited the reply" in why
        assert "continued" not in why


@pytest.mark.parametrize("text", ["One. And two.", f"One. And two {CUT}"])
@pytest.mark.parametrize(
    ("more", "told"),
    [
        (Play("Half", fails=TurnFailure.OVERLOADED), "overloaded"),
        (Play(" "), "Mira has nothing to add, so the reply stays as it was."),
    ],
)
async def test_a_reply_that_could_not_go_on_stands_as_it_was(
    text: str, more: Play, told: str
) -> None:
    first = Play("One. And two", fails=CUT_SHORT) if CUT in text else Play(text)
    async with company(first, more, Play("Yes.")) as house:
        inn = Replying(house)
        turn = await went_on(inn, await inn.asked())
        assert house.answers() == [text]
        assert told in house.stage.told[0][1]
        assert (turn.text, turn.takes, turn.goes_on) == (text, (), False)
        assert "continued" not in render(of_turn(turn, "Mira"))
        house.says("@Mira and now?")
        await house.quiet()
        check_thread(house)


async def test_who_only_repeats_the_reply_adds_nothing() -> None:
    async with company(Play("One. And two."), Play("One. And two.")) as house:
        inn = Replying(house)
        turn = await went_on(inn, await inn.asked())
        assert house.answers() == ["One. And two."]
        assert "nothing to add" in house.stage.told[0][1]
        assert not turn.continued


@pytest.mark.parametrize("goes_on", [True, False])
async def test_who_chooses_to_say_nothing_is_told_of(*, goes_on: bool) -> None:
    held = asyncio.Event()
    async with company(Play("One."), Play("No.", gate=held)) as house:
        inn = Replying(house)
        turn = await inn.asked()
        await (inn.replies.go_on(turn, by=5) if goes_on else inn.replies.regenerate(turn, by=5))
        await until(lambda: len(house.mind.asked) == 2)
        house.scene().skip("no more to say")
        held.set()
        await house.quiet()
        assert house.answers() == ["One."]
        expected = "Mira has nothing to add" if goes_on else "Mira chose to say nothing else"
        assert house.stage.told[0][1].startswith(expected)


async def test_stopped_while_it_goes_on_it_keeps_what_was_added() -> None:
    plays = Play("Once", fails=CUT_SHORT), Play("upon a time", hangs=True), Play("Yes.")
    async with company(*plays) as house:
        house.mind.silence = 5
        inn = Replying(house)
        turn = await inn.asked()
        await inn.replies.go_on(turn, by=5)
        await until(lambda: house.answers() == ["Once upon a time"])
        house.scene().stop()
        await house.quiet()
        assert house.answers() == [f"Once upon a time {STOPPED}"]
        house.says("@Mira and now?")
        await house.quiet()
        check_thread(house)


async def test_others_who_heard_the_half_of_it_hear_the_whole() -> None:
    plays = Play("Once", fails=CUT_SHORT), Play("K."), Play("upon a time."), Play("L.")
    async with company(*plays, cast=(MIRA, KAI)) as house:
        inn = Replying(house)
        turn = await inn.asked()
        house.says("@Kai did you hear?")
        await house.quiet()
        await went_on(inn, turn)
        house.says("@Kai and now?")
        await house.quiet()
        check_thread(house, KAI)


def too_long(house: Company, turn: Turn) -> None:
    house.memory.turns[turn.id] = replace(turn, text="x" * (SPEECH_LIMIT - 10))


@pytest.mark.parametrize(("spoil", "why"), [(too_long, "as long as a reply can be")])
async def test_what_cannot_go_on_is_refused_in_words(
    spoil: Callable[[Company, Turn], None], why: str
) -> None:
    async with company(Play("One.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        spoil(house, turn)
        with refused(why):
            await inn.replies.go_on(turn, by=5)
        assert len(house.mind.asked) == 1


async def test_a_reset_is_named_where_it_keeps_a_reply_from_being_done_again() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        inn = Replying(house)
        turn = await inn.asked()
        await house.policies.change(ROOM, lambda policy: policy.reset(turn.order + 1))
        with refused("room was reset since, so that reply can’t be done"):
            await inn.replies.regenerate(turn, by=5)
        with refused("reset since, so that reply can’t be continued"):
            await inn.replies.go_on(turn, by=5)
        await inn.replies.edit(turn, "Mine.", by="Ann", may_link=True)  # needs no memory
        await house.quiet()
        assert house.answers() == ["Mine.\n-# edited by @Ann"]
        assert len(house.mind.asked) == 1
        await house.policies.change(ROOM, lambda policy: policy.without_reset())
        await inn.regenerated(turn)
        assert house.answers() == ["Two."]


async def test_a_crash_at_any_point_of_going_on_leaves_it_as_it_was_or_whole() -> None:
    async def two(house: Company) -> None:
        house.mind.script.appendleft(Play("First", fails=CUT_SHORT))
        inn = Replying(house)
        await inn.asked("@Mira a word?")
        await inn.asked("@Mira another?")

    async def go_on(house: Company) -> None:
        turn = min(house.memory.turns.values(), key=lambda one: one.trigger)
        more = replace(turn, chunks=house.memory._shown(turn.id)).more(now())
        if await house.turn_queues.reopen(more):
            house.turn_queues.play([more])

    seen = set()
    async for house in crashes(two, go_on, *(Play(f"{number}.") for number in range(9))):
        first, second = house.answers()
        assert second == "0."
        assert await house.memory.unfinished() == []
        turn = min(house.memory.turns.values(), key=lambda one: one.trigger)
        assert (turn.state, turn.goes_on, turn.takes) == (TurnState.DONE, False, ())
        seen.add(first)
        house.says("@Mira and now?")
        await house.quiet()
        check_thread(house)
    assert f"First {CUT}" in seen
    assert all(text.startswith("First ") for text in seen)
    assert len(seen) > 1
