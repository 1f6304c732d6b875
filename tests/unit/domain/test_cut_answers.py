"""The mark of an answer that ended before its end."""

from __future__ import annotations

import pytest

from bot.domain.cut_answers import CUT, is_cut, marked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Once upon a time ", f"Once upon a time {CUT}"),
        ("```py\nx = 1", f"```py\nx = 1\n```\n{CUT}"),
        ("```py\nx = 1\n```", f"```py\nx = 1\n``` {CUT}"),
        ("  \n", ""),
    ],
)
def test_a_cut_answer_says_so_and_leaves_no_code_open(text: str, shown: str) -> None:
    assert marked(text) == shown
    assert is_cut(marked(text)) is bool(shown)


def test_a_whole_answer_is_none() -> None:
    assert not is_cut("[…] is three dots in brackets.")
