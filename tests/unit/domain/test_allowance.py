"""How much talk a question may hold: by the model's window, and less each time it does not fit."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.allowance import Allowance, cost, fitted, newest_within, of_window
from bot.domain.utterance import Attachment, Utterance
from tests.unit.domain.talk import said


def test_a_small_window_leaves_room_for_persona_tools_and_answer() -> None:
    small = of_window(8_192)
    assert small.history + small.question <= 8_192 // 2
    assert of_window(None) == of_window(1_000_000) == Allowance()


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_it_shrinks_until_nothing_is_left_in_a_few_steps(a: int, b: int, c: int, d: int) -> None:
    allowance: Allowance | None = Allowance(a, b)
    steps = 0
    while allowance is not None:
        smaller = allowance.less(Allowance(c, d))
        if smaller is not None:
            assert smaller.history < allowance.history or smaller.question < allowance.question
        allowance, steps = smaller, steps + 1
    assert steps <= 40


def test_the_talk_goes_before_the_question_is_cut() -> None:
    allowance: Allowance | None = Allowance(1_000, 800)
    seen: list[Allowance] = []
    while allowance is not None:
        seen.append(allowance)
        allowance = allowance.less(allowance)
    alone = next(at for at, one in enumerate(seen) if not one.history)
    assert all(one.question == 800 for one in seen[: alone + 1])
    assert seen[-1].question < 50


def test_the_newest_talk_is_kept_within_both_bounds() -> None:
    talk = [said("x" * 30) for _ in range(10)]
    each = cost(talk[0])
    assert newest_within(talk, messages=3, tokens=10_000) == 7
    assert newest_within(talk, messages=100, tokens=2 * each) == 8
    assert newest_within(talk, messages=100, tokens=10 * each) == 0
    assert newest_within(talk, messages=100, tokens=0) == 10


def numbered(*texts: str) -> list[Utterance]:
    return [replace(said(text), message_id=number) for number, text in enumerate(texts, start=1)]


def test_what_is_asked_stays_when_all_else_goes() -> None:
    talk = numbered("what is the time?", *("chatter " * 100 for _ in range(20)))
    kept = fitted(talk, {1}, messages=150, tokens=cost(talk[0]) + cost(talk[1]))
    assert [one.message_id for one in kept] == [1, 21]


def test_a_question_that_is_too_long_by_itself_is_cut() -> None:
    [kept] = fitted(numbered("so: " + "word " * 9_000 + "?"), {1}, messages=150, tokens=200)
    assert cost(kept) <= 200
    assert kept.text.startswith("so: word")
    assert kept.text.endswith("?")


def test_a_file_gets_what_the_words_leave() -> None:
    file = Attachment("a.txt", "", 9_000, text="line\n" * 9_000)
    [told] = numbered("sum it up")
    [kept] = fitted([replace(told, attachments=(file,))], {1}, messages=150, tokens=300)
    assert kept.text == "sum it up"
    assert 0 < len(kept.attachments[0].text or "") < 1_000
