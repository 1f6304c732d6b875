"""Names at the left edge in any dressing: labels go, prose with the same signs stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.participants import Participants
from bot.domain.speech_filter import SpeechFilter, spoken
from tests.unit.domain.test_speaker_labels import check
from tests.unit.domain.test_speech_filter import KNOWN

# What stands before and behind a name where a model labels a line.
LABELS = [
    "### {}:\n",
    "# {}: ",
    "### **{}:**\n",
    "### **{}**: ",
    "-# {}: ",
    "<{}> ",
    "<{}>: ",
    "<{}>\n",
    "**<{}>** ",
    "> {}: ",
    "> **{}:** ",
    "> <{}> ",
    ">> {}: ",
    "[12:03] {}: ",
    "{} [12:03]: ",
    "{} (3:14 PM): ",
    "<{}>",
    "[12:03:44] <{}> ",
    "(3:14 PM) {}: ",
    "[12:03] [{}] ",
    "({}): ",
    "**({})**: ",
    "{{{}}}: ",
    "【{}】",
    "【{}】：",
    "{} - ",
    "{} – ",
    "{} — ",
    "**{}** - ",
    "*{}* — ",
    "{} (he/him): ",
    "{} [she/her]: ",
    "**{}** (they/them): ",
    "{} (smiling) - ",
    "{} — Today at 3:14 PM\n",
    "{} – yesterday at 15:14\n",
    "{} - 11/30/2026 3:14 PM\n",
]
# A title with words behind it is prose, so of others a label in a heading ends its line.
OTHERS = [label for label in LABELS if not (label.startswith(("#", "-#")) and label[-1] == " ")]
WORDS = [
    "Come in, the fire is warm!",
    "“No.”",
    "I do not know.",
    "*smiles* Well, well…",
    "Why? - No!",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("name", ["Mira", "mira", "the innkeeper"])
def test_the_characters_own_label_is_cut(label: str, name: str) -> None:
    for words in WORDS:
        check(label.format(name) + words, words)
        check(f"Well.\n{label.format(name)}{words}", f"Well.\n{words}")


@pytest.mark.parametrize("label", OTHERS)
@pytest.mark.parametrize("name", ["Ben", "ANN LEE", "Kai"])
def test_another_ones_label_ends_the_speech(label: str, name: str) -> None:
    for words in WORDS:
        foreign = label.format(name) + words
        assert spoken(foreign, KNOWN).ended
        check(foreign, "")
        check(f"Well.\n{foreign}\nAnd so on.", "Well.")


@pytest.mark.parametrize("closing", ["</Mira>", "</mira> ", "</Mira>\n"])
def test_a_tag_of_the_characters_own_is_cut_at_both_ends(closing: str) -> None:
    check(f"<Mira>Come in!{closing}", "Come in!")
    check("Say </Mira> in a line.", "Say </Mira> in a line.")


def test_a_tag_of_html_is_none_though_somebody_is_called_so() -> None:
    known = Participants(frozenset({"mira"}), {"b": None, "code": None})
    assert spoken("<b>bold</b> words", known).text == "<b>bold</b> words"
    assert spoken("<b> No.", known).ended


@pytest.mark.parametrize("words", ["I'd like some soup", "I would not", "We’ll see"])
def test_who_speaks_of_themselves_behind_a_dash_needs_no_full_stop(words: str) -> None:
    check(f"Well.\nBen - {words}\nMira - Coming!", "Well.")
    check(f"Mira - {words}\nand so on", f"{words}\nand so on")


@pytest.mark.parametrize("label", ["Mira - {}", "Mira — {}"])
@pytest.mark.parametrize("words", ["hi", "come in", "hello there, traveller"])
def test_a_short_answer_behind_a_dash_needs_no_full_stop(label: str, words: str) -> None:
    check(label.format(words), words)


PROSE = [
    "{} - that old fool - laughed.",
    "{} – Müller von Beruf – lachte.",
    "{} - a miller, as he likes to say.",
    "{} - The miller of the village.",
    "{} - The miller\n{} - The smith",
    "{} — l’homme au chapeau.",
    "{} – der Müller.",
    "## {}",
    "### {}\nHis mill stands by the river.",
    "# About {}: a portrait",
    "## {} and the road",
    "- {}: 3 points",
    "* {}: 3 points",
    "+ {}: 3 points",
    "  * {}: 3 points",
    "* {} - Three points.",
    "* [{}] is done",
    "1. {}: 3 points",
    "1) {} - Three points.",
    "| {} | 3 |",
    "({}) is a name.",
    "({} laughs): oh!",
    "<{}/> is a tag",
    "</{}> is the end of a tag",
    "{}-like, I would say.",
    "{}'s mill - It grinds.",
    "{} -",
    "{} is here - He is early.",
    "> {} said so.",
    "> Quoth {}: no.",
    "[12:03] See {}: he comes.",
    "[12:03] Tea with {}.",
    "Ask {} - He knows.",
    "I saw {}: he ran.",
    "`{} - No.`",
    "```\n<{}> hi\n### {}:\n{} - No.\n```",
    "{} [see below] is kind.",
]


@pytest.mark.parametrize("text", PROSE)
@pytest.mark.parametrize("name", ["Ben", "Ann Lee", "Kai", "Mira"])
def test_prose_with_the_same_signs_stays(text: str, name: str) -> None:
    text = text.replace("{}", name)
    check(f"Well.\n{text}\nSo it is.", f"Well.\n{text}\nSo it is.")
    check(f"{text}\nSo it is.", f"{text}\nSo it is.".strip())


@pytest.mark.parametrize(
    "text",
    ["## Ben: the early years", "### Ben: 3 points", "Ben - hello", "Ben - Miller\nKai - Scholar"],
)
def test_what_may_be_a_title_or_a_list_of_others_stays(text: str) -> None:
    check(f"{text}\nSo it is.", f"{text}\nSo it is.")


@pytest.mark.parametrize("name", ["Zoe", "Benjamin", "Be", "Miranda"])
@pytest.mark.parametrize("label", LABELS)
def test_who_does_not_take_part_has_no_label(label: str, name: str) -> None:
    text = label.format(name) + "Come in!"
    if not label.startswith("["):  # a header in brackets names whomever it names
        assert spoken(text, KNOWN).text == text


NAMES = st.sampled_from(["Mira", "Ben", "Ann Lee", "Kai", "Zoe", "小明"])
EDGES = st.sampled_from(
    ["", "# ", "### ", "-# ", "> ", ">", "[12:03] ", "(3:14 PM) ", "**", "<", "(", "【", "- ", "* "]
)
BEHIND = st.sampled_from(
    [":", ": ", "：", "> ", ">", "): ", "】", " - ", " — ", "** - ", " (he/him): ", " [x]: ", "\n"]
)
REST = st.sampled_from(
    [
        "",
        "No.",
        "no",
        "The miller.",
        "that old fool - laughed.",
        "Today at 3:14 PM",
        "“Hm",
        "*",
        "[",
    ]
)
LINES = st.tuples(EDGES, NAMES, BEHIND, REST).map("".join)


@given(st.lists(LINES | st.just("Come in!"), max_size=5).map("\n".join), st.integers(1, 9))
def test_in_pieces_of_any_size_the_same_is_said_and_nothing_is_taken_back(
    text: str, size: int
) -> None:
    whole = spoken(text, KNOWN).text
    speech = SpeechFilter(KNOWN)
    for at in range(0, len(text), size):
        speech.feed(text[at : at + size])
        assert whole.startswith(speech.shown().strip()), (text, speech.shown())
    assert speech.finish().text == whole
