"""The line that says who edited a reply stands below its words, never in their code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.editing import with_editor, without_editor
from bot.domain.fences import blocks

LINE = "\n-# edited by @Ann"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello.", f"Hello.{LINE}"),
        ("```py\nprint(1)```", f"```py\nprint(1)```{LINE}"),
        ("````\na\n```\nb\n````", f"````\na\n```\nb\n````{LINE}"),
        ("```\nx", f"```\nx\n```{LINE}"),
        ("> ```\n> x", f"> ```\n> x\n> ```{LINE}"),
    ],
)
def test_code_is_closed_before_the_line_where_it_is_open(text: str, shown: str) -> None:
    assert with_editor(text, "Ann") == shown


@given(st.lists(st.sampled_from(["```", "````", "~~~", "\n", "> ", "- ", "py", "x", " ", "||"])))
def test_the_line_is_in_no_block(parts: list[str]) -> None:
    shown = with_editor("".join(parts), "Ann")
    assert shown.endswith(LINE)
    assert all(block.tail <= len(shown) - len(LINE) for block in blocks(shown))
    assert with_editor(without_editor(shown), "Ann") == shown
