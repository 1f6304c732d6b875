"""Answers that would not end, or were not let: what was said stays."""

from __future__ import annotations

import threading

import pytest

from bot.domain.cut_answers import CUT
from bot.domain.speech import SPEECH_LIMIT, Speech
from bot.errors import TurnFailure
from bot.rooms.runs.turn_results import Ending
from bot.tasks import AT_ONCE
from tests.fakes.mind import Play
from tests.unit.rooms.company import Company, company


def thread(house: Company) -> list[tuple[bool, str]]:
    newest = list(house.mind.threads.values())[-1]
    return [(line.own, line.text.splitlines()[-1].strip()) for line in newest.lines]


async def test_an_answer_that_ends_at_the_endpoint_s_limit_is_kept() -> None:
    plays = (
        Play("Hello."),
        Play("Once upon a time", fails=TurnFailure.CUT_SHORT),
        Play("The end."),
    )
    async with company(*plays) as house:
        for words in ("@Mira hello", "@Mira a story", "@Mira and then?"):
            house.says(words)
            await house.quiet()
        assert house.answers() == ["Hello.", f"Once upon a time {CUT}", "The end."]
        assert house.stage.told == []
        # The thread was told what was shown, once, and the question that it answers; without the
        # mark, which a small model imitates (seen with Qwen2.5 0.5B).
        assert thread(house) == [
            (False, "@Mira hello"),
            (True, "Hello."),
            (False, "@Mira a story"),
            (True, "Once upon a time"),
            (False, "@Mira and then?"),
            (True, "The end."),
        ]


@pytest.mark.parametrize("settles", [True, False])
async def test_an_answer_that_is_cut_within_a_header_ends_before_it(settles: bool) -> None:
    text = "What it might look like. [Ann · 15"
    async with company(Play(text, fails=TurnFailure.CUT_SHORT, settles=settles)) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == [f"What it might look like. {CUT}"]


@pytest.mark.parametrize("settles", [True, False])
async def test_an_answer_that_is_cut_within_a_name_ends_before_it(settles: bool) -> None:
    text = "Come in!\nAnn"
    async with company(Play(text, fails=TurnFailure.CUT_SHORT, settles=settles)) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == [f"Come in! {CUT}"]


async def test_a_limit_before_the_first_word_is_told() -> None:
    async with company(Play(" ", fails=TurnFailure.CUT_SHORT)) as house:
        house.says("@Mira a story")
        await house.quiet()
        assert house.answers() == []
        assert "ran out of room" in house.stage.told[0][1]


async def test_an_answer_that_takes_too_long_ends_with_what_was_said() -> None:
    plays = (Play("Well, let me see", hangs=True), Play("Yes?"))
    async with company(*plays, answer_seconds=0.05) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == [f"Well, let me see {CUT}"]
        assert house.outcomes[-1].ending is Ending.ANSWERED
        house.says("@Mira are you there?")
        await house.quiet()
        assert house.answers()[-1] == "Yes?"


async def test_silence_for_as_long_is_told() -> None:
    async with company(Play("", hangs=True), answer_seconds=0.05) as house:
        house.mind.silence = 5.0
        house.mind.script[0] = Play(" ", hangs=True)
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == []
        assert "came to no end" in house.stage.told[0][1]


async def test_the_time_counts_over_all_tries() -> None:
    async with company(answer_seconds=0.3) as house:
        house.mind.holds, house.mind.tells_window, house.mind.silence = 1, False, 5.0
        house.mind.script.extend(Play("Hm", hangs=True) for _ in range(9))
        house.says("@Mira hello")
        await house.quiet()
        assert len(house.stage.told) == 1


async def test_a_loop_is_ended_before_its_repetition() -> None:
    async with company(Play("Well. " + "I love you so much. " * 1_000), Play("Yes.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == [f"Well. I love you so much. {CUT}"]
        assert len(house.stage.told) == 0
        house.says("@Mira really?")
        await house.quiet()
        assert house.answers()[-1] == "Yes."
        assert "I love you so much. I love" not in str(thread(house))


@pytest.mark.parametrize(
    "reason", [TurnFailure.UNREACHABLE, TurnFailure.OVERLOADED, TurnFailure.ENDLESS]
)
async def test_what_was_said_to_its_end_before_the_line_broke_stays(reason: TurnFailure) -> None:
    async with company(Play("One piece.", fails=reason, settles=True), Play("Two.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == [f"One piece. {CUT}"]
        house.says("@Mira and now?")
        await house.quiet()
        assert house.answers()[-1] == "Two."
        assert house.stage.told == []


async def test_half_a_piece_does_not_stay_when_the_line_broke() -> None:
    async with company(Play("Half a", fails=TurnFailure.UNREACHABLE)) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == []
        assert len(house.stage.told) == 1


async def test_what_the_model_refuses_to_have_said_does_not_stay() -> None:
    async with company(Play("Bad.", fails=TurnFailure.REFUSED, settles=True)) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == []


@pytest.mark.parametrize(("length", "beside"), [(AT_ONCE, False), (SPEECH_LIMIT + 1_000, True)])
async def test_only_a_long_speech_is_read_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch, length: int, *, beside: bool
) -> None:
    readers: list[threading.Thread] = []
    text = Speech.text

    def noted(speech: Speech) -> str:
        readers.append(threading.current_thread())
        return text(speech)

    monkeypatch.setattr(Speech, "text", noted)
    said = " ".join(f"{number:0199d}" for number in range(length // 200))
    async with company(Play(said)) as house:
        house.says("@Mira count")
        await house.quiet()
    assert readers
    assert {reader is not threading.current_thread() for reader in readers} == {beside}
