"""The speech of one turn while it is made."""

from __future__ import annotations

import time

import pytest

from bot.domain.cut_answers import STOPPED, marked
from bot.domain.speech import SPEECH_LIMIT, Speech
from tests.unit.domain.talk import MIRA, said


def test_words_are_shown_as_they_come() -> None:
    speech = Speech(MIRA)
    speech.add("Come ")
    assert speech.so_far() == "Come "
    speech.add("in!")
    assert speech.so_far() == "Come in!"


def test_retracted_words_are_not_said_twice() -> None:
    speech = Speech(MIRA)
    speech.add("Come i")
    speech.retract()
    speech.add("Come in!")
    speech.settle("Come in!")
    assert speech.text() == "Come in!"


def test_pieces_around_an_action_are_one_speech() -> None:
    speech = Speech(MIRA)
    speech.settle("Let me roll.")
    speech.add("A six!")
    assert speech.so_far() == "Let me roll.\n\nA six!"
    speech.settle("A six!")
    assert speech.text() == "Let me roll.\n\nA six!"


def test_a_stopped_speech_ends_with_a_mark_outside_of_its_code() -> None:
    speech = Speech(MIRA)
    assert marked(speech.so_far(newest=True), STOPPED) == ""
    speech.add("Like so:\n```py\nx = (")
    stopped = marked(speech.so_far(newest=True), STOPPED)
    assert stopped == "Like so:\n```py\nx = (\n```\n*(stopped)*"
    speech.settle("Like so.")
    assert marked(speech.so_far(newest=True), STOPPED) == "Like so. *(stopped)*"


def test_a_speech_that_has_ended_is_what_came_before() -> None:
    speech = Speech(MIRA)
    speech.meet([said("well?", by="Ben")])
    speech.settle("Let me see.")
    speech.add("Yes.\nBen: I have had enough.")
    assert speech.so_far() == "Let me see.\n\nYes.\n"
    assert speech.has_ended
    assert speech.was_cut
    assert speech.text() == "Let me see.\n\nYes."


def test_what_follows_a_piece_that_ended_the_speech_is_not_said() -> None:
    speech = Speech(MIRA)
    speech.settle("Yes.<|im_end|>")
    speech.settle("What else?")
    assert speech.text() == "Yes."


def test_a_clean_speech_was_not_cut() -> None:
    speech = Speech(MIRA)
    speech.settle("  Come in!\n\n- tea\n- cake\n")
    assert not speech.was_cut
    assert not speech.has_ended


@pytest.mark.parametrize("text", ["\u3164", "\u200b\u200d", "****", "||||", "```\n```", "\u2800 _"])
def test_a_speech_in_which_nothing_can_be_seen_is_none(text: str) -> None:
    speech = Speech(MIRA)
    speech.add(text)
    assert speech.so_far() == ""
    speech.settle(text)
    assert speech.text() == ""


def test_nothing_but_skip_in_words_is_a_skip() -> None:
    speech = Speech(MIRA)
    speech.settle('{"name": "skip", "arguments": {"reason": "not for me"}}')
    assert speech.is_skip
    speech.settle("Or so.")
    assert not speech.is_skip


def test_an_endless_speech_ends_with_a_mark() -> None:
    speech = Speech(MIRA)
    speech.add("word " * (SPEECH_LIMIT // 5 + 1))
    assert speech.is_full
    assert len(speech.text()) <= SPEECH_LIMIT + 4
    assert speech.text().endswith("word […]")


def test_a_long_line_streams_in_a_time_that_grows_with_its_length() -> None:
    speech, started = Speech(MIRA), time.process_time()
    text = "the inn is warm, " * 1_170
    for at in range(0, len(text), 4):
        speech.add(text[at : at + 4])
        assert len(speech.so_far()) > at * 0.98 - 40
    # 0.5 s on a quiet machine; reading the line anew with each delta took 7.
    assert time.process_time() - started < 2.5
    assert speech.so_far(newest=True) == text
