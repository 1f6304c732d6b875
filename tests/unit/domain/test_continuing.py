"""The seam between an answer and what goes on from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.continuing import continued
from bot.domain.cut_answers import CUT, STOPPED, is_marked, marked, open_end, unmarked
from bot.domain.fences import blocks

CASES = [
    ("Once upon a time", "there was a river.", "Once upon a time there was a river."),
    ("Once upon a time", " there was a river.", "Once upon a time there was a river."),
    ("Once upon a time", ", long ago", "Once upon a time, long ago"),
    ("She said", "… nothing.", "She said… nothing."),
    ("The inn was bui", "built in spring.", "The inn was built in spring."),
    ("It was her who", "who knew the way.", "It was her who who knew the way."),
    ("the old road goes on", "The old road", "the old road goes on The old road"),
    ("down the old road", "the old road goes on", "down the old road goes on"),
    ("Say “", "hello”", "Say “hello”"),
    ("one (", "two)", "one (two)"),
    ("She left.", "He stayed.", "She left. He stayed."),
    ("Mind:\n- one", "- two", "Mind:\n- one\n- two"),
    ("Mind:\n1. one", "2. two", "Mind:\n1. one\n2. two"),
    ("A table:", "| a |", "A table:\n| a |"),
    ("むかしむかし、", "ある所に", "むかしむかし、ある所に"),
    ("กาลครั้งหนึ่ง", "นานมาแล้ว", "กาลครั้งหนึ่งนานมาแล้ว"),
    ("```py\nx = 1", "y = 2\n```", "```py\nx = 1\ny = 2\n```"),
    ("```py\nx = 1", "```py\ny = 2\n```", "```py\nx = 1\ny = 2\n```"),
    ("Once upon a time", "Once upon a time there was", "Once upon a time there was"),
]


@pytest.mark.parametrize(("before", "more", "whole"), CASES)
def test_what_goes_on_stands_where_the_same_sentence_wants_it(
    before: str, more: str, whole: str
) -> None:
    assert continued(before, more, was_cut=True) == whole


def test_what_is_added_to_a_whole_answer_is_a_paragraph_of_its_own() -> None:
    assert continued("The end.", "\nOr is it?", was_cut=False) == "The end.\n\nOr is it?"


@pytest.mark.parametrize(("before", "more", "whole"), CASES)
def test_nothing_is_shown_on_the_way_that_is_taken_back(before: str, more: str, whole: str) -> None:
    for end in range(len(more) + 1):
        shown = continued(before, more[:end], was_cut=True, is_whole=False)
        assert shown.startswith(before)
        # Spaces, a mark and the line of a block may yet turn out to be something else.
        assert len(shown) <= len(whole) + 3


@given(st.text(max_size=60), st.text(max_size=60), st.booleans(), st.booleans())
def test_what_stood_there_stays(before: str, more: str, was_cut: bool, is_whole: bool) -> None:
    whole = continued(before, more, was_cut=was_cut, is_whole=is_whole)
    assert whole.startswith(before) or not before.strip()
    assert len(whole) <= len(before) + len(more) + 2


@given(st.lists(st.sampled_from("ab `\n~>-*")).map("".join), st.sampled_from([CUT, STOPPED]))
def test_a_mark_is_taken_off_with_what_came_with_it(text: str, mark: str) -> None:
    shown = marked(text, mark)
    assert not text.strip() or is_marked(shown)
    assert open_end(shown) == text.rstrip()
    assert not is_marked(unmarked(shown))


@pytest.mark.parametrize("text", ["```py\nx", "a\n```\nx\n```", "> ```\n> x", "```\n````\nx"])
def test_a_block_that_the_mark_closed_is_open_again(text: str) -> None:
    assert open_end(marked(text)) == text
    (*_, last) = blocks(text)
    (*_, again) = blocks(open_end(marked(text)))
    assert last.is_closed == again.is_closed


def test_what_bears_no_mark_is_left_as_it_is() -> None:
    assert open_end("```\nx\n```") == "```\nx\n```"
    assert unmarked("It is so. \n") == "It is so. \n"
