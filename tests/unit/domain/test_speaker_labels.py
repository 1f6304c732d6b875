"""Labels and headers in the forms that our transcripts have, as a model copies them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain import transcript
from bot.domain.model_profile import TranscriptStyle
from bot.domain.speech_filter import SpeechFilter, spoken
from bot.domain.utterance import Attachment
from tests.unit.domain.talk import NOON, said
from tests.unit.domain.test_speech_filter import ANN, BEN, KNOWN

QUOTED = "what would you say if I told you that nobody here has ever seen the sea at all"
FILE = Attachment("a-rather-long-name-for-a-file-of-notes.txt", "", 2_000, "text/plain")


def check(text: str, shown: str) -> None:
    """Whole and streamed letter by letter, nothing but `shown` of `text` is ever to be seen."""
    assert spoken(text, KNOWN).text == shown
    speech = SpeechFilter(KNOWN)
    for letter in text:
        speech.feed(letter)
        assert shown.startswith(speech.shown().strip()), speech.shown()


@pytest.mark.parametrize("style", TranscriptStyle)
@pytest.mark.parametrize("by", ["Ben", "Kai", "Mira"])
def test_every_line_that_we_write_of_a_speaker_is_known(style: TranscriptStyle, by: str) -> None:
    about: dict[str, Any] = {"reply_to": 5, "reply_to_name": "Ann Lee", "reply_to_text": QUOTED}
    character = None if by == "Ben" else by.casefold()
    for fields in ({}, about, about | {"attachments": (FILE,)}):
        answer = said("No.", by=by, user=BEN, character=character)
        late = replace(answer, at=NOON + timedelta(hours=2), **fields)
        talk = [said("hi", by="Ann Lee", user=ANN), late]
        line = transcript.render(talk, style, own="Mira", people=KNOWN.people).split("\n", 2)
        copied = line[1] if style is TranscriptStyle.NAMES else line[2]
        own = character == "mira"
        check(f"Come in!\n{copied}", "Come in!\nNo." if own else "Come in!")


@pytest.mark.parametrize(
    "label",
    [
        "Kai (character) (replying to Mira): ",
        "Ben (person abc) (replying to Mira, “hm”): ",
        "Ben (angry) (aloud): ",
        "　　小明：",
        "\u00a0Ben: ",
        "\u2003Ben: ",
    ],
)
def test_a_label_with_more_about_it_or_an_indent_of_other_scripts(label: str) -> None:
    check(f"Come in!\n{label}No.", "Come in!")


@pytest.mark.parametrize(
    "header",
    [
        "[Ben · 30 Nov 03:13 UTC]",
        "[Ben · 1576]",
        "[Ben · person · 30 Nov 03:13 UTC]",
        "[Kai · replying to Ben]",
        "[Mira · 30 Nov]",
    ],
)
def test_a_header_within_a_line_needs_no_number(header: str) -> None:
    if "Mira" in header:
        check(f"Come in! {header}", "Come in!")
    else:
        check(f"Come in! {header} No.", "Come in!")


def test_a_header_of_its_own_goes_whatever_stands_below() -> None:
    text = "Mira · character · 30 Nov 03:13\n  Come in!\n[Ben] No."
    check(text, "Come in!")


@pytest.mark.parametrize(
    "text",
    [
        "See [Zoe · 3] there",
        "See [Ben](https://ben.example) there",
        "See [Ben · his page](https://ben.example) there",
        "In code: `[Ben · 3]` there",
        "So:\n```\nx [Ben · 3]\n```",
        "Ask [Ben] about it",
    ],
)
def test_other_brackets_within_a_line_stay(text: str) -> None:
    assert spoken(text, KNOWN).text == text
