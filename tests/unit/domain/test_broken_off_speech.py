"""Texts that an endpoint cut in the middle of what is not said: at its limit of tokens."""

from __future__ import annotations

import pytest

from bot.domain.speech import Speech
from bot.domain.speech_filter import spoken
from tests.unit.domain.talk import MIRA, said
from tests.unit.domain.test_speech_filter import BEN, KNOWN


@pytest.mark.parametrize(
    "broken",
    [
        "[Ben · 15",
        "[Ben · ",
        "[Ben",
        "[Be",
        "[Ben, 1576",
        f"[Ben · {BEN} · 30 No",
        "[Zoe · 15",
        "[Zoe · chara",
        "[Mira · character · 30",
        "<|im_e",
        "<|start_header_id|",
        "<|im_end|",
        "<end_of_tu",
        "</s",
        "[/INS",
        '{"name": "ski',
        '{"name": "skip", "argu',
        "<tool_ca",
    ],
)
@pytest.mark.parametrize("before", ["What it might look like. ", "What it might look like.\n"])
def test_what_breaks_off_within_a_header_a_mark_or_a_call_is_not_shown(
    before: str, broken: str
) -> None:
    assert spoken(before + broken, KNOWN).text == before.strip()


def test_a_number_that_breaks_off_is_a_name() -> None:
    assert spoken(f"Ask {str(BEN)[:16]}", KNOWN).text == "Ask Ben"


@pytest.mark.parametrize(
    "text",
    [
        "Open it with [",
        "An array starts with [1",
        "The list: [a, b",
        "[laughs",
        "Less is <",
        "It is 15",
        "Ask Ben",
        "The year 1576",
        "A set opens with {",
        '```json\n{"name": "x',
        "```\n<|im_e\n```",
        "My friends:\nBen",
    ],
)
def test_what_breaks_off_otherwise_stays(text: str) -> None:
    assert spoken(text, KNOWN).text == text


def test_a_piece_that_the_endpoint_cut_hides_all_that_was_being_decided() -> None:
    for end in ("\nBen", "\n**Ann", " [", "\n###", f" {str(BEN)[:5]}"):
        speech = Speech(MIRA)
        speech.meet([said("well?", by="Ben", user=BEN), said("hi", by="Ann Lee", user=7)])
        speech.settle(f"Come in!{end}")
        speech.break_off()
        assert speech.so_far().strip() == "Come in!", end


def test_breaking_off_changes_no_words_on_their_way() -> None:
    speech = Speech(MIRA)
    speech.break_off()
    assert speech.so_far() == ""
    speech.settle("Come in!")
    speech.add("Sit do")
    speech.break_off()
    assert speech.so_far() == "Come in!\n\nSit do"
