"""What a model wrote → what its character says."""

from __future__ import annotations

import pytest

from bot.domain.speech import Speech, spoken
from tests.unit.domain.talk import MIRA


@pytest.mark.parametrize(
    "text",
    [
        "Mira: Come in!",
        "**Mira:** Come in!",
        "**Mira**: Come in!",
        "[Mira · character · 21 Nov 12:00 UTC]\n  Come in!",
        "[Mira · character · 21 Nov 12:00 UTC]\nMira: Come in!",
        "  Come in!\n",
    ],
)
def test_a_label_in_front_is_not_speech(text: str) -> None:
    assert spoken(text, MIRA) == "Come in!"


@pytest.mark.parametrize("text", ["Mirabelle: a plum", "[sighs] Come in!", "Note: closed", ""])
def test_what_is_no_label_stays(text: str) -> None:
    assert spoken(text, MIRA) == text


@pytest.mark.parametrize("start", ["M", "Mira", "**Mi", "[Mira · char", "["])
def test_what_may_become_a_label_is_not_shown_yet(start: str) -> None:
    assert spoken(start, MIRA, whole=False) == ""


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
    assert speech.stopped() == ""
    speech.add("Like so:\n```py\nprint(")
    assert speech.stopped() == "Like so:\n```py\nprint(\n```\n*(stopped)*"
    speech.settle("Like so.")
    assert speech.stopped() == "Like so. *(stopped)*"
